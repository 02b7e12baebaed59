import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createClient, type Client } from 'graphql-ws'
import { WebSocket } from 'ws'
import { readGatewayConfig } from '../../../gateway/config.js'
import {
  parcelsSdl,
  startSubscriptionServer,
  THE_END,
  type SubscriptionServer,
} from '../../support/subscription-server.js'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { until } from '../../support/until.js'

/* Subscriptions that a subgraph serves itself, as a client of the gateway has them: joined to the graph, one stream for many. */

const query = `subscription ($id: ID! = "p1") { m: moved(id: $id) { s: state parcel { ...P } } } fragment P on Parcel { contents }`

describe.each(['ws', 'sse'] as const)('subscriptions of a subgraph over %s', (protocol) => {
  let server: SubscriptionServer
  let graph: TestGraph
  let gateway: TestGateway
  let clients: Client[] = []
  beforeAll(async () => {
    server = await startSubscriptionServer(protocol)
    graph = await startTestSubgraphs({
      tracking: {
        url: server.url,
        typeDefs: parcelsSdl
          .replace(/type Query \{[^}]*\}/, '')
          .replace('type Parcel', 'type Parcel @key(fields: "id", resolvable: false)'),
      },
      parcels: {
        typeDefs: 'type Query { parcel(id: ID!): Parcel } type Parcel @key(fields: "id") { id: ID! contents: String! }',
        resolvers: { Parcel: { contents: ({ id }: { id: string }) => `what is in ${id}` } },
      },
    })
  })
  afterAll(async () => {
    await graph.close()
    await server.close()
  })
  beforeEach(async () => {
    graph.subgraph('parcels').reset()
    const subscriptions = new Map([['tracking', { protocol, url: null }]])
    const { subgraphs } = readGatewayConfig({}, [])
    gateway = await startTestGateway(graph.supergraph, { config: { subgraphs: { ...subgraphs, subscriptions } } })
  })
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.dispose()))
    clients = []
    await gateway.close()
    await until(() => server.followers('p1') === 0)
  })

  function connect(token = 'Bearer mine') {
    const client = createClient({
      url: gateway.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: token },
      retryAttempts: 0,
    })
    clients.push(client)
    return client
  }

  function subscribe(client = connect()) {
    const stream = client.iterate({ query })
    return { next: async () => (await stream.next()).value, stream }
  }

  const moved = (state: string) => ({ state, parcel: { id: 'p1' } })
  const answer = (state: string) => ({ data: { m: { s: state, parcel: { contents: 'what is in p1' } } } })

  it('are joined to the graph, and end when the subgraph says so', async () => {
    const { next, stream } = subscribe()
    const first = next()
    await until(() => server.followers('p1') === 1)
    server.publish('p1', moved('A'))
    expect(await first).toEqual(answer('A'))
    server.publish('p1', THE_END)
    expect((await stream.next()).done).toBe(true)
  })

  it('are one stream for all who ask the same as the same person, and executed once', async () => {
    const [leaving, staying] = [connect(), connect()]
    const [one, two] = [subscribe(leaving), subscribe(staying)]
    const first = [one.next(), two.next()]
    await until(() => server.followers('p1') === 1)
    // on the same sockets, and so answered after the subscriptions were taken up
    for (const client of [leaving, staying])
      await client.iterate({ query: '{ parcel(id: "p1") { __typename } }' }).next()
    graph.subgraph('parcels').reset()
    server.publish('p1', moved('A'))
    expect(await Promise.all(first)).toEqual([answer('A'), answer('A')])
    expect(server.followers('p1')).toBe(1)
    expect(graph.subgraph('parcels').asked).toHaveLength(1)
    await leaving.dispose()
    server.publish('p1', moved('B'))
    expect(await two.next()).toEqual(answer('B'))
  })

  it('are streams of their own for callers with other tokens', async () => {
    const [one, two] = [subscribe(connect('Bearer one')), subscribe(connect('Bearer two'))]
    const first = [one.next(), two.next()]
    await until(() => server.followers('p1') === 2)
    server.publish('p1', moved('A'))
    expect(await Promise.all(first)).toEqual([answer('A'), answer('A')])
    const tokens = server.asked.slice(-2).map(({ headers }) => headers.authorization)
    expect(tokens.toSorted()).toEqual(['Bearer one', 'Bearer two'])
  })

  it('go on for clients while the subgraph is killed and comes back', async () => {
    const { next } = subscribe()
    const first = next()
    await until(() => server.followers('p1') === 1)
    server.publish('p1', moved('A'))
    expect(await first).toEqual(answer('A'))
    await server.kill()
    await until(() => server.followers('p1') === 0)
    await server.restart()
    await until(() => server.followers('p1') === 1)
    server.publish('p1', moved('B'))
    expect(await next()).toEqual({ ...answer('B'), extensions: { gap: { missed: null } } })
  })

  it('are refused in the words of the closed list', async () => {
    const denied = subscribe(connect('Bearer nobody')).next()
    await expect(denied).rejects.toEqual([
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'AUTHZ_FORBIDDEN' }) }),
    ])
  })
})
