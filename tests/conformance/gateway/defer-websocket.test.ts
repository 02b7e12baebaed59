import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createClient, type Client } from 'graphql-ws'
import { WebSocket } from 'ws'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { answerJson, startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { createGate, until } from '../../support/until.js'
import { shopGraph } from './shop-graph.js'

let graph: TestGraph
let gateway: TestGateway
let client: Client

beforeAll(async () => {
  graph = await startTestSubgraphs(shopGraph)
  gateway = await startTestGateway(graph.supergraph)
})
afterAll(async () => {
  await gateway.close()
  await graph.close()
})
beforeEach(() => {
  for (const name of Object.keys(shopGraph)) graph.subgraph(name).reset()
  client = createClient({ url: gateway.url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 })
})
afterEach(() => client.dispose())

const query = '{ me { name ... @defer(label: "later") { reviews { id } } } }'
const reviews = [{ id: 'r1' }, { id: 'r3' }, { id: 'r4' }]

describe('@defer over graphql-ws', () => {
  it('sends each part as one message, the first at once', async () => {
    const gate = createGate()
    graph.subgraph('opinions').takeOver(async (asked, res) => {
      await gate.opened
      answerJson(res, await asked.execute())
    })
    const messages = client.iterate({ query })
    expect((await messages.next()).value).toEqual({ data: { me: { name: 'Ada' } }, hasNext: true })
    gate.open()
    expect((await messages.next()).value).toEqual({
      incremental: [{ data: { reviews }, path: ['me'], label: 'later' }],
      hasNext: false,
    })
    expect((await messages.next()).done).toBe(true)
  })

  it('sends the newer form to an operation that names it', async () => {
    const messages: unknown[] = []
    for await (const message of client.iterate({ query, extensions: { incrementalSpec: 'v0.2' } })) {
      messages.push(message)
    }
    expect(messages).toEqual([
      { data: { me: { name: 'Ada' } }, pending: [{ id: '0', path: ['me'], label: 'later' }], hasNext: true },
      { incremental: [{ id: '0', data: { reviews } }], completed: [{ id: '0' }], hasNext: false },
    ])
  })

  it('carries errors, of the first part and of later ones', async () => {
    graph.subgraph('opinions').takeOver((_, res) => void res.destroy())
    const messages: unknown[] = []
    for await (const message of client.iterate({ query: `{ failing ${query.slice(1)}` })) messages.push(message)
    expect(messages).toMatchObject([
      { data: { failing: null, me: { name: 'Ada' } }, errors: [{ path: ['failing'] }], hasNext: true },
      { incremental: [{ data: null, errors: [{ path: ['me'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }] }] },
    ])
  })

  it('refuses what can not run, and leaves operations without it as they were', async () => {
    await expect(client.iterate({ query: '{ me { ... @defer { nothing } } }' }).next()).rejects.toEqual([
      expect.objectContaining({
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED', traceId: expect.any(String), timestamp: expect.any(String) },
      }),
    ])
    expect((await client.iterate({ query: '{ me { name } }' }).next()).value).toEqual({ data: { me: { name: 'Ada' } } })
  })

  it('cancels the rest when the client completes the operation', async () => {
    let ended = false
    graph.subgraph('opinions').takeOver((_, res) => void res.once('close', () => (ended = true)))
    const messages = client.iterate({ query })
    await messages.next()
    await until(() => graph.subgraph('opinions').asked.length === 1)
    await messages.return?.()
    await until(() => ended)
  })
})
