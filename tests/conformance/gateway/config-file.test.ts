import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readGatewayConfig } from '../../../gateway/config.js'
import { startTestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { shopGraph } from './shop-graph.js'

let graph: TestGraph
beforeAll(async () => {
  graph = await startTestSubgraphs(shopGraph)
})
afterAll(() => graph.close())

describe('what a file configures', () => {
  it('reaches subgraphs: headers passed on by name, and no others', async () => {
    const gateway = await startTestGateway(graph.supergraph, { config: { forwardHeaders: ['x-tenant', 'x-absent'] } })
    graph.subgraph('accounts').reset()
    await gateway.ask('{ me { id } }', { headers: { 'x-tenant': 't-1', 'x-other': 'no' } })
    const [asked] = graph.subgraph('accounts').asked
    expect(asked?.headers).toMatchObject({ 'x-tenant': 't-1' })
    expect(Object.keys(asked?.headers ?? {})).not.toEqual(expect.arrayContaining(['x-other']))
    expect(asked?.headers).not.toHaveProperty('x-absent')
    await gateway.close()
  })

  it('gives one subgraph a time of its own', async () => {
    const { subgraphs } = readGatewayConfig({}, [])
    const gateway = await startTestGateway(graph.supergraph, {
      config: { subgraphs: { ...subgraphs, timeouts: new Map([['opinions', 50]]) } },
    })
    graph.subgraph('opinions').takeOver(() => undefined)
    const { data, errors } = await gateway.ask('{ me { name } latestReview { body } }')
    expect(data).toEqual({ me: { name: 'Ada' }, latestReview: null })
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['SUBGRAPH_TIMEOUT'])
    graph.subgraph('opinions').reset()
    await gateway.close()
  })
})
