import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { openStreamClient, type StreamClient } from '../../../gateway/subscriptions/doors/fixtures/stream-client.js'
import type { Bus } from '../../../platform/bus/bus.js'
import { createInProcessBus } from '../../../platform/bus/in-process-bus.js'
import { createLogger } from '../../../platform/log/logger.js'
import { eventDirectives, publishOn } from '../../support/live-gateway.js'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { until } from '../../support/until.js'

/* Subscriptions over HTTP as the gateway serves them: on two replicas that share keys and a bus. */

const definitions = {
  events: {
    url: 'nats://events',
    typeDefs: `${eventDirectives}
      type Subscription {
        moved(id: ID!): Moved! @eventStream(subject: "progress.parcel.{args.id}", replay: ALL, audience: [])
      }
      type Moved { step: Int!  parcel: Parcel }
      type Parcel @key(fields: "id", resolvable: false) { id: ID! }`,
  },
  parcels: {
    typeDefs: 'type Query { parcel: Parcel } type Parcel @key(fields: "id") { id: ID!  contents: String! }',
    resolvers: { Query: { parcel: () => ({ id: 'p1' }) }, Parcel: { contents: () => 'a book' } },
  },
}
const query = 'subscription ($id: ID!) { moved(id: $id) { step parcel { contents } } }'
const accepts = { sse: 'text/event-stream', multipart: 'multipart/mixed;subscriptionSpec=1.0, application/json' }
type Way = keyof typeof accepts

let graph: TestGraph
let bus: Bus
let replicas: TestGateway[]

beforeAll(async () => void (graph = await startTestSubgraphs(definitions)))
afterAll(() => graph.close())
beforeEach(async () => {
  graph.subgraph('parcels').reset()
  bus = createInProcessBus({ logger: createLogger({ service: 'test', level: 'silent' }) })
  const environment = { GATEWAY_CURSOR_KEYS: Buffer.alloc(32, 7).toString('base64'), GATEWAY_METRICS_PORT: '0' }
  const start = () => startTestGateway(graph.supergraph, { environment, parts: { bus } })
  replicas = [await start(), await start()]
})
afterEach(async () => {
  await Promise.all(replicas.map((replica) => replica.close()))
  await bus.close()
})

async function move(...steps: readonly number[]): Promise<void> {
  for (const step of steps) {
    await publishOn(bus, 'progress.parcel.p1', { step, parcel: { id: 'p1' } })
  }
}

interface From {
  readonly cursor?: string
  readonly lastEventId?: string
}
const follow = (replica: number, way: Way, { cursor, lastEventId }: From = {}): Promise<StreamClient> =>
  openStreamClient(replicas[replica]?.url ?? '', {
    headers: { accept: accepts[way], ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) },
    body: { query, variables: { id: 'p1' }, ...(cursor !== undefined && { extensions: { cursor } }) },
  })

const stepsOf = (client: StreamClient) => [...client.text().matchAll(/"step":(\d+)/g)].map(([, step]) => Number(step))
const cursorOf = (client: StreamClient) => [...client.text().matchAll(/"cursor":"([^"]+)"/g)].at(-1)?.[1] ?? 'none'

describe('a stream over HTTP', () => {
  it.each([
    ['sse', 'sse', 'Last-Event-ID'],
    ['sse', 'sse', 'extensions.cursor'],
    ['multipart', 'multipart', 'extensions.cursor'],
    ['sse', 'multipart', 'extensions.cursor'],
  ] as const)('by %s goes on by %s on another replica, by %s: none missed, none twice', async (first, then, by) => {
    await move(1, 2)
    const before = await follow(0, first)
    await before.received('"step":2')
    await until(() => before.text().match(/"cursor":"[^"]+"/g)?.length === 2)
    before.leave()
    await move(3, 4)
    const cursor = cursorOf(before)
    const after = await follow(1, then, by === 'Last-Event-ID' ? { lastEventId: cursor } : { cursor })
    await after.received('"step":4')
    await move(5)
    await after.received('"step":5')
    expect(stepsOf(before)).toEqual([1, 2])
    expect(stepsOf(after)).toEqual([3, 4, 5])
    after.leave()
  })

  it.each(['sse', 'multipart'] as const)(
    'is found by the hash of its operation, wherever its text was given: %s',
    async (way) => {
      const persistedQuery = { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') }
      const url = replicas[0]?.url ?? ''
      const byHash = { variables: { id: 'p1' }, extensions: { persistedQuery } }
      const ask = (accept: string, body: object) => openStreamClient(url, { headers: { accept }, body })
      const unknown = await ask(accepts[way], byHash)
      await unknown.received('PERSISTED_QUERY_NOT_FOUND')
      await unknown.ended
      const single = await ask('application/json', { ...byHash, query })
      await single.received('SUBSCRIPTION_NOT_SUPPORTED') // by this door it can't be answered; its text is known from now on
      await move(1)
      const client = await ask(accepts[way], byHash)
      await client.received('"step":1')
      client.leave()
    },
  )

  it('has the cursor of each answer as its id', async () => {
    await move(1)
    const client = await follow(0, 'sse')
    await client.received('\nid: ')
    await until(() => client.text().endsWith('\n\n'))
    const [, id] = /\nid: (\S+)\n\n/.exec(client.text()) ?? []
    expect(id).toBe(cursorOf(client))
    client.leave()
  })

  it.each(['sse', 'multipart'] as const)('is refused a cursor that was changed: %s', async (way) => {
    await move(1)
    const client = await follow(0, way)
    await until(() => cursorOf(client) !== 'none')
    client.leave()
    const cursor = cursorOf(client)
    const changed = `${cursor.startsWith('1') ? '2' : '1'}${cursor.slice(1)}`
    const refused = await follow(1, way, { cursor: changed })
    expect(await refused.ended).toBe('complete')
    expect(refused.text()).toContain('"code":"CURSOR_INVALID"')
    expect(stepsOf(refused)).toEqual([])
  })

  it('is executed once for all, whatever way they came', async () => {
    const clients = await Promise.all([follow(0, 'sse'), follow(0, 'multipart'), follow(0, 'sse')])
    await until(async () => (await numbers())['gateway_live_operations'] === 3)
    await move(1)
    await Promise.all(clients.map((client) => client.received('"step":1')))
    expect(graph.subgraph('parcels').asked).toHaveLength(1)
    for (const client of clients) client.leave()
  })

  it('is told to Prometheus, by numbers alone', async () => {
    const client = await follow(0, 'sse')
    await until(async () => (await numbers())['gateway_live_operations'] === 1)
    await move(1, 2)
    await client.received('"step":2')
    expect(await numbers()).toMatchObject({
      'gateway_live_connections{door="sse"}': 1,
      gateway_live_events_total: 2,
      gateway_live_deliveries_total: 2,
      gateway_live_delivery_lag_seconds_count: 2,
    })
    client.leave()
    await until(async () => (await numbers())['gateway_live_operations_ended_total{reason="client"}'] === 1)
    expect(await numbers()).toMatchObject({ 'gateway_live_connections{door="sse"}': 0, gateway_live_operations: 0 })
  })

  it('is sent elsewhere by a gateway that stops, and goes on there', async () => {
    await move(1)
    const before = await follow(0, 'sse')
    await before.received('"step":1')
    await until(() => cursorOf(before) !== 'none')
    const [stopping] = replicas.splice(0, 1)
    const closing = stopping?.close()
    await move(2)
    expect(await before.ended).toBe('complete')
    expect(before.text()).toMatch(/\nretry: \d+\n\n$/)
    expect(before.text()).not.toContain('event: complete')
    await closing
    const after = await follow(0, 'sse', { lastEventId: cursorOf(before) })
    await move(3)
    await after.received('"step":3')
    expect([...stepsOf(before), ...stepsOf(after)]).toEqual([1, 2, 3])
    after.leave()
  })
})

describe('a query by Server-Sent Events', () => {
  it('comes in parts where it defers some, in the form that is asked for', async () => {
    for (const [incrementalSpec, part] of [
      [undefined, { data: { contents: 'a book' }, path: ['parcel'] }],
      ['v0.2', { id: '0', data: { contents: 'a book' } }],
    ] as const) {
      const client = await openStreamClient(replicas[0]?.url ?? '', {
        headers: { accept: accepts.sse },
        body: { query: '{ parcel { id ... @defer { contents } } }', extensions: { incrementalSpec } },
      })
      expect(await client.ended).toBe('complete')
      const [first, second, ...rest] = client.text().split('event: next\ndata: ').slice(1)
      expect(JSON.parse(first ?? '')).toMatchObject({ data: { parcel: { id: 'p1' } }, hasNext: true })
      const [json = '', end] = second?.split('\n\nevent: ') ?? []
      expect(JSON.parse(json)).toMatchObject({ incremental: [part], hasNext: false })
      expect([end, rest]).toEqual(['complete\ndata:\n\n', []])
    }
  })
})

/** What the first replica tells Prometheus. */
async function numbers(): Promise<Record<string, number>> {
  const response = await fetch(`http://127.0.0.1:${replicas[0]?.running.metricsPort}/metrics`)
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith('gateway_live'))
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]))
}
