import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { buildSchema } from 'graphql'
import { z } from 'zod'
import type { Caller } from '../../gateway/gateway-request.js'
import { createRemoteField } from '../../gateway/subscriptions/feeds/remote-field.js'
import { ScriptedHub, type ScriptedClient } from '../../gateway/subscriptions/live/fixtures/scripted-hub.js'
import { ScriptedLog } from '../../gateway/subscriptions/live/fixtures/scripted-log.js'
import { createLogger } from '../../platform/log/logger.js'
import { parcelsSdl, startSubscriptionServer, type SubscriptionServer } from '../support/subscription-server.js'
import { until } from '../support/until.js'

const schema = buildSchema(parcelsSdl)
const numberSchema = z.object({ data: z.object({ moved: z.object({ state: z.string() }) }) })

/** Of one person in one session; the next token has the next number. */
function caller(number: number, claims: Record<string, unknown> = {}): Caller {
  const exp = 4e9 + number
  const principal = {
    ...{ userId: 'ada', sessionId: 's', roles: [], permissions: new Set<string>(), expiresAtSeconds: exp },
    claims: { sub: 'ada', sid: 's', exp, iat: exp - 900, jti: `t${number}`, ...claims },
  }
  return { principal, authorization: `Bearer ${number}`, address: null }
}

describe.each(['ws', 'sse'] as const)('a newer token for what a subgraph serves over %s', (protocol) => {
  let server: SubscriptionServer
  let hub: ScriptedHub
  let clients: ScriptedClient[]
  let published: number
  beforeEach(async () => {
    clients = []
    published = 0
    server = await startSubscriptionServer(protocol)
    hub = new ScriptedHub({ feed: new ScriptedLog(), feedOf: (asking) => fieldFor(asking).feed })
  })
  afterEach(async () => {
    for (const { operation } of clients) operation.close()
    await until(() => server.followers('p1') === 0)
    await server.close()
  })

  const fieldFor = (asking: Caller) =>
    createRemoteField({
      generation: {
        subgraphs: new Map(),
        eventStreams: { addressOf: () => null, ruleOf: () => null, fields: [], eventSubgraphs: [] },
        subgraphSchema: () => schema,
      },
      endpoint: { name: 'parcels', url: new URL(server.url) },
      fetch: { serviceName: 'parcels', operation: 'subscription ($id: ID!) { moved(id: $id) { state } }' },
      request: { variables: { id: 'p1' }, caller: asking, ids: { requestId: 'r', traceId: 't' } },
      settings: {
        subscriptions: new Map([['parcels', { protocol, url: null }]]),
        forwardHeaders: [],
        timeoutMs: 5_000,
        maxResponseBytes: 1_000_000,
      },
      retrying: { tries: 6, firstMs: 20, longestMs: 200 },
      logger: createLogger({ service: 'test', level: 'silent' }),
    })

  async function join(asking: Caller): Promise<ScriptedClient> {
    const client = hub.join({ caller: asking })
    clients.push(client)
    await hub.quiet()
    await until(() => server.followers('p1') > 0 && hub.hub.size.groups > 0)
    return client
  }
  const publish = (count: number) => {
    for (let index = 0; index < count; index += 1) server.publish('p1', { state: String((published += 1)) })
  }
  const seen = ({ sink }: ScriptedClient) => sink.answers.map(({ data }) => data?.['moved'])
  const numbers = (client: ScriptedClient) =>
    seen(client).map((moved) => Number(numberSchema.parse(moved).data.moved.state))
  const gaps = ({ sink }: ScriptedClient) => sink.answers.map(({ extensions }) => extensions?.gap)
  const everything = () =>
    Array.from({ length: published }, (_, index) => ({ data: { moved: { state: String(index + 1) } } }))
  const tokens = () => server.asked.map(({ headers }) => headers.authorization)
  const sees = (client: ScriptedClient) => until(() => client.sink.answers.length >= published)

  it('leaves the stream as it is: every event once, and the subgraph asked once', async () => {
    const client = await join(caller(1))
    for (let number = 2; number <= 20; number += 1) {
      publish(3)
      client.operation.renew(caller(number))
      publish(2)
      if (number % 3 === 0) await sees(client)
    }
    await sees(client)
    expect(seen(client)).toEqual(everything())
    expect(tokens()).toEqual(['Bearer 1'])
  })

  it('is what a lost connection is made again with', async () => {
    const client = await join(caller(1))
    client.operation.renew(caller(2))
    await hub.quiet()
    await server.kill()
    await until(() => server.followers('p1') === 0)
    await server.restart()
    await until(() => server.followers('p1') === 1)
    publish(2)
    await sees(client)
    expect(seen(client)).toEqual(everything())
    expect(gaps(client)).toEqual([{ missed: null }, undefined])
    expect(tokens()).toEqual(['Bearer 1', 'Bearer 2'])
  })

  it('is what the stream goes on with when the subgraph takes the one before it no longer', async () => {
    const client = await join(caller(1))
    client.operation.renew(caller(2))
    await hub.quiet()
    server.dismiss()
    await until(() => tokens().length === 2 && server.followers('p1') === 1)
    publish(2)
    await sees(client)
    expect(seen(client)).toEqual(everything())
    expect(tokens()).toEqual(['Bearer 1', 'Bearer 2'])
  })

  it('serves another client of the session, who has one that lasts longer, by the same stream', async () => {
    const [first, second] = [await join(caller(1)), await join(caller(2))]
    publish(1)
    await Promise.all([sees(first), sees(second)])
    expect([seen(first), seen(second)]).toEqual([everything(), everything()])
    expect(tokens()).toEqual(['Bearer 1'])
  })

  it('begins a stream of its own where it says something else of its bearer, and the old one is left', async () => {
    const client = await join(caller(1))
    client.operation.renew(caller(2, { tenant: 'other' }))
    await until(() => tokens().length === 2 && server.followers('p1') === 1)
    publish(1)
    await sees(client)
    expect(seen(client)).toEqual(everything())
    expect(tokens()).toEqual(['Bearer 1', 'Bearer 2'])
    expect(gaps(client)).toEqual([{ missed: null }]) // what was told while it changed over may be missing
    publish(1)
    await sees(client)
    expect(gaps(client)).toEqual([{ missed: null }, undefined])
  })

  it('says something else of its bearer while events are told: each is had, or its absence is told of', async () => {
    const client = await join(caller(1))
    publish(5)
    await sees(client)
    client.operation.renew(caller(2, { tenant: 'other' }))
    for (let number = 0; number < 50; number += 1) {
      publish(1)
      await new Promise(setImmediate)
    }
    await until(() => tokens().length === 2 && server.followers('p1') === 1)
    publish(1)
    await until(() => numbers(client).at(-1) === published)
    const odd = numbers(client).flatMap((number, index, all) => (number === (all[index - 1] ?? 0) + 1 ? [] : [index]))
    const told = gaps(client).flatMap((gap, index) => (gap === undefined ? [] : [index]))
    expect(told).toHaveLength(1)
    expect(odd.filter((index) => !told.includes(index))).toEqual([])
  })

  it('is not what a stream goes on with whose owner has left: another client’s is, at once', async () => {
    const [lasting, staying] = [await join(caller(9)), await join(caller(1))]
    lasting.operation.end('SUBSCRIPTION_SESSION_ENDED')
    await hub.quiet()
    server.dismiss()
    await until(() => tokens().length === 2 && server.followers('p1') === 1)
    publish(1)
    await sees(staying)
    expect(tokens()).toEqual(['Bearer 9', 'Bearer 1'])
    expect([seen(staying), staying.sink.lastWord]).toEqual([everything(), null])
  })
})
