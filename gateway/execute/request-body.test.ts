import { describe, expect, it } from '@jest/globals'
import type { FetchNode } from '@apollo/query-planner'
import { OperationTypeNode } from 'graphql'
import { compileRequestBody } from './request-body.js'

const node: FetchNode = {
  kind: 'Fetch',
  serviceName: 's',
  operation: 'query Q($a:Int){f(a:$a)}',
  operationName: 'Q',
  operationKind: OperationTypeNode.QUERY,
  variableUsages: ['a', 'b'],
}

describe('the body of a fetch', () => {
  it('carries the variables it uses, null ones too, and no others', () => {
    const body = compileRequestBody(node)({ a: null, c: 3 }, null)
    expect(JSON.parse(body)).toEqual({ query: node.operation, operationName: 'Q', variables: { a: null } })
  })

  it('carries representations as they are', () => {
    const body = compileRequestBody(node)({ a: 1, b: { deep: ['"'] } }, '[{"__typename":"User"}]')
    expect(JSON.parse(body)).toEqual({
      query: node.operation,
      operationName: 'Q',
      variables: { representations: [{ __typename: 'User' }], a: 1, b: { deep: ['"'] } },
    })
  })

  it('has no variables where there are none, not even inherited ones', () => {
    const { operationName: _, ...anonymous } = node
    const body = compileRequestBody({ ...anonymous, operationName: undefined, variableUsages: ['toString'] })({}, null)
    expect(JSON.parse(body)).toEqual({ query: node.operation })
  })
})
