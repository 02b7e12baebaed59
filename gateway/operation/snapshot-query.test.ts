import { describe, expect, it } from '@jest/globals'
import { buildSchema, parse, print, validate } from 'graphql'
import { selectOperation } from './operation.js'
import { snapshotQuery } from './snapshot-query.js'

const schema = buildSchema(`
  type Query { latest(id: ID!): Moved  other: Int }
  type Subscription { moved(id: ID!, verbose: Boolean): Moved }
  type Moved { state(long: Boolean): String  from: Place  to: Place }
  type Place { name: String }
`)

const queryFor = (subscription: string, variables = {}) =>
  snapshotQuery(schema, selectOperation(parse(subscription), undefined), variables, 'latest')

describe('the query for how things stand', () => {
  it('selects what the subscription does, under its key, with the arguments that the field has', () => {
    const query = queryFor(`
      subscription Follow($id: ID!, $verbose: Boolean, $long: Boolean = false) {
        ...Root
      }
      fragment Root on Subscription {
        moved(id: $id, verbose: $verbose) { s: state(long: $long) ...Where }
      }
      fragment Where on Moved { from { ...Place } to { ...Place } }
      fragment Place on Place { name }
    `)
    expect(validate(schema, parse(query))).toEqual([])
    expect(print(parse(query))).toBe(
      print(
        parse(`
          query ($id: ID!, $long: Boolean = false) {
            moved: latest(id: $id) { s: state(long: $long) ...Where }
          }
          fragment Where on Moved { from { ...Place } to { ...Place } }
          fragment Place on Place { name }
        `),
      ),
    )
  })

  it('is of the field that @skip and @include leave in', () => {
    const subscription = `subscription ($one: Boolean!) {
      one: moved(id: 1) @include(if: $one) { state }
      two: moved(id: 2) @skip(if: $one) { state }
    }`
    expect(queryFor(subscription, { one: true })).toContain('one: latest(id: 1) @include(if: $one)')
    expect(queryFor(subscription, { one: false })).toContain('two: latest(id: 2) @skip(if: $one)')
  })
})
