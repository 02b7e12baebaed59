import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { RecordingSink } from '../../../gateway/subscriptions/live/fixtures/recording-sink.js'
import type { LiveOperation } from '../../../gateway/subscriptions/live/live-operation.js'
import type { Bus } from '../../../platform/bus/bus.js'
import { createInProcessBus } from '../../../platform/bus/in-process-bus.js'
import { createLogger } from '../../../platform/log/logger.js'
import { describeWithEngine } from '../../support/engines.js'
import { eventDirectives } from '../../support/live-gateway.js'
import { connectTestBus, dropNamespace, newNamespace } from '../../support/nats-namespace.js'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { until } from '../../support/until.js'

/** A shop whose orders are told of on subjects of its own, which begin with `shop`. */
const definitionsFor = (shop: string) => ({
  events: {
    url: 'nats://shop',
    typeDefs: `${eventDirectives}
      type Subscription {
        orderMoved(id: ID!): OrderMoved! @eventStream(subject: "${shop}.kept.{args.id}", source: STREAM)
        orderHistory(id: ID!): OrderMoved! @eventStream(subject: "${shop}.kept.{args.id}", source: STREAM, replay: ALL)
        orderNewest(id: ID!): OrderMoved! @eventStream(subject: "${shop}.kept.{args.id}", source: STREAM, replay: ALL, delivery: LATEST)
        tick(id: ID!): OrderMoved! @eventStream(subject: "${shop}.said.{args.id}.*", source: CORE)
        stray: OrderMoved! @eventStream(subject: "${shop}.said.stray", source: STREAM)
        ours: OrderMoved! @eventStream(subject: "events.ours")
      }
      type OrderMoved { state: String!  order: Order }
      type Order @key(fields: "id", resolvable: false) { id: ID! }`,
  },
  orders: {
    typeDefs: 'type Query { order: Order } type Order @key(fields: "id") { id: ID!  customer: String! }',
    resolvers: { Order: { customer: ({ id }: { id: string }) => `customer of ${id}` } },
  },
})

await describeWithEngine('nats', "streams of an operator's own subjects", (url) => {
  const namespace = newNamespace()
  const shop = `shop-${namespace}`
  let graph: TestGraph
  let gateway: TestGateway
  let bus: Bus
  let raw: NatsConnection
  let open: LiveOperation[] = []

  beforeEach(async () => {
    graph = await startTestSubgraphs(definitionsFor(shop))
    bus = await connectTestBus(url(), namespace, { followerTimes: { heartbeatMs: 500, goneMs: 1 } })
    raw = await connect({ servers: new URL(url()).host })
    await (await jetstreamManager(raw)).streams.add({ name: shop, subjects: [`${shop}.kept.>`] })
    gateway = await startTestGateway(graph.supergraph, { parts: { bus } })
  })
  afterEach(async () => {
    for (const operation of open) operation.close()
    open = []
    await gateway.close()
    await bus.close()
    await (await jetstreamManager(raw)).streams.delete(shop)
    await raw.close()
    await graph.close()
    await dropNamespace(url(), namespace)
  })

  function subscribe(field: string, { cursor = null as string | null, from = gateway } = {}): RecordingSink {
    const sink = new RecordingSink()
    const request = {
      query: `subscription { moved: ${field} { state order { customer } } }`,
      operationName: undefined,
      variables: {},
      caller: { principal: null, authorization: 'Bearer mine', address: null },
      ids: { requestId: 'r', traceId: 't' },
      signal: new AbortController().signal,
      cursor,
    }
    open.push(from.running.openLive(request, sink))
    return sink
  }
  const order = (id: string, state: string) => JSON.stringify({ state, order: { id } })
  const store = (id: string, state: string) => jetstream(raw).publish(`${shop}.kept.${id}`, order(id, state))
  const statesOf = ({ answers }: RecordingSink) =>
    answers.map(({ data }) => (data?.['moved'] as { state: string }).state)
  const refusalOf = async (sink: RecordingSink) => {
    await until(() => sink.lastWord !== null)
    return sink.lastWord
  }

  it('replay what their stream keeps, join it to the graph, go live, and resume from a cursor', async () => {
    for (const state of ['PLACED', 'PAID']) await store('o1', state)
    await store('o2', 'SOMEBODY ELSE’S')
    const history = subscribe('orderHistory(id: "o1")')
    await until(() => history.answers.length === 2)
    expect(history.answers[0]).toMatchObject({
      data: { moved: { state: 'PLACED', order: { customer: 'customer of o1' } } },
    })
    await store('o1', 'SENT')
    await until(() => history.answers.length === 3)
    const resumed = subscribe('orderHistory(id: "o1")', { cursor: history.answers[0]?.extensions?.cursor ?? '' })
    await until(() => resumed.answers.length === 2)
    expect(statesOf(resumed)).toEqual(['PAID', 'SENT'])
  })

  it('are heard as they are said where nobody keeps them, without cursors: resuming is refused with a code', async () => {
    const ticks = subscribe('tick(id: "o1")')
    await until(async () => {
      raw.publish(`${shop}.said.o1.a`, order('o1', 'TICK'))
      return ticks.answers.length > 0
    })
    expect(ticks.answers[0]).toEqual({ data: { moved: { state: 'TICK', order: { customer: 'customer of o1' } } } })
    expect(await refusalOf(subscribe('tick(id: "o1")', { cursor: 'anything' }))).toBe('CURSOR_UNSUPPORTED')
  })

  it('tell of a message that does not fit, and go on', async () => {
    await jetstream(raw).publish(`${shop}.kept.o3`, '{"status":"?"}')
    await store('o3', 'PAID')
    const history = subscribe('orderHistory(id: "o3")')
    await until(() => history.answers.length === 2)
    expect(history.answers[0]).toMatchObject({ data: null, errors: [{ extensions: { code: 'INT_INTERNAL_ERROR' } }] })
    expect(history.answers[1]).toMatchObject({ data: { moved: { state: 'PAID' } } })
  })

  it('end with a code where their stream is deleted, others do not, and begin again with the stream', async () => {
    const [kept, said] = [subscribe('orderMoved(id: "o4")'), subscribe('tick(id: "o4")')]
    await until(async () => {
      await store('o4', 'PAID')
      raw.publish(`${shop}.said.o4.a`, order('o4', 'TICK'))
      return kept.answers.length > 0 && said.answers.length > 0
    })
    const { streams } = await jetstreamManager(raw)
    await streams.delete(shop)
    expect(await refusalOf(kept)).toBe('SUBSCRIPTION_SOURCE_UNAVAILABLE')
    expect(await refusalOf(subscribe('orderMoved(id: "o4")'))).toBe('SUBSCRIPTION_SOURCE_UNAVAILABLE')
    expect(said.lastWord).toBeNull()
    await streams.add({ name: shop, subjects: [`${shop}.kept.>`] })
    expect(await refusalOf(subscribe('orderMoved(id: "o4")', { cursor: kept.cursor }))).toBe('CURSOR_EXPIRED')
    await store('o4', 'SENT')
    const again = subscribe('orderHistory(id: "o4")')
    await until(() => again.answers.length === 1)
    expect(statesOf(again)).toEqual(['SENT'])
  })

  it('are refused where their stream replaces what nobody has read yet, but for the newest of it', async () => {
    const { streams } = await jetstreamManager(raw)
    await streams.update(shop, { max_msgs_per_subject: 1 })
    expect(await refusalOf(subscribe('orderMoved(id: "o5")'))).toBe('SUBSCRIPTION_SOURCE_UNAVAILABLE')
    await store('o5', 'PLACED')
    await store('o5', 'PAID')
    const newest = subscribe('orderNewest(id: "o5")')
    await until(() => newest.answers.length === 1)
    expect(statesOf(newest)).toEqual(['PAID'])
  })

  it.each(['*', '>', 'o1.>', '$JS', 'o 1', ''])('never widen by an argument: %p', async (id) => {
    for (const field of ['orderMoved', 'tick']) {
      expect(await refusalOf(subscribe(`${field}(id: "${id}")`))).toBe('VAL_INVALID_FORMAT')
    }
  })

  it('are unavailable, with a code, where no stream covers them, and where there is no broker; others are not', async () => {
    expect(await refusalOf(subscribe('stray'))).toBe('SUBSCRIPTION_SOURCE_UNAVAILABLE')
    const inner = createInProcessBus({ logger: createLogger({ service: 'test', level: 'silent' }) })
    const alone = await startTestGateway(graph.supergraph, { parts: { bus: inner } })
    for (const field of ['orderMoved(id: "o1")', 'tick(id: "o1")']) {
      expect(await refusalOf(subscribe(field, { from: alone }))).toBe('SUBSCRIPTION_SOURCE_UNAVAILABLE')
    }
    const ours = subscribe('ours', { from: alone })
    await until(async () => {
      const envelope = { type: 'x', version: 1, occurredAt: new Date().toISOString(), traceId: 't' }
      await inner.publish('events.ours', { ...envelope, id: crypto.randomUUID(), data: { state: 'HERE' } })
      return ours.answers.length > 0
    })
    await alone.close()
    await inner.close()
  })
})
