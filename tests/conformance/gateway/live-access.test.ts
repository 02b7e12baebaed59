import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { openSocketClient, type SocketClient } from '../../../gateway/subscriptions/doors/fixtures/socket-client.js'
import type { Bus } from '../../../platform/bus/bus.js'
import { createInProcessBus } from '../../../platform/bus/in-process-bus.js'
import { createLogger } from '../../../platform/log/logger.js'
import { eventDirectives, publishOn } from '../../support/live-gateway.js'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { createTestIssuer, type TestIssuer, type TestTokenOptions } from '../../support/test-tokens.js'

/*
 * Who may follow what, and for how long: two replicas of a gateway on one bus, with tokens as auth makes them.
 */
const owners = new Map([
  ['p1', 'ada'],
  ['p2', 'eve'],
])

const definitions = {
  events: {
    url: 'nats://events',
    typeDefs: `${eventDirectives}
      type Subscription {
        parcelMoved(id: ID!): ParcelMoved!
          @eventStream(subject: "progress.parcel.{args.id}", replay: ALL, guard: "query ($id: ID!) { parcel(id: $id) { id } }")
      }
      type ParcelMoved { state: String! }`,
  },
  parcels: {
    typeDefs: 'type Query { parcel(id: ID!): Parcel } type Parcel @key(fields: "id") { id: ID! }',
    resolvers: {
      Query: { parcel: (_parent: unknown, { id }: { id: string }) => (owners.get(id) === 'ada' ? { id } : null) },
    },
  },
}

let graph: TestGraph
let issuer: TestIssuer
let bus: Bus
let gateways: TestGateway[]

const replica = () =>
  startTestGateway(graph.supergraph, {
    parts: { bus, verifier: issuer.verifier },
    environment: {
      TOKEN_ENDS: 'events.session.ended sessionId=sid',
      GATEWAY_CURSOR_KEYS: Buffer.alloc(32, 7).toString('base64'),
    },
  })

beforeAll(async () => {
  graph = await startTestSubgraphs(definitions)
  issuer = await createTestIssuer()
})
afterAll(() => graph.close())
beforeEach(async () => {
  bus = createInProcessBus({ logger: createLogger({ service: 'test', level: 'silent' }) })
  gateways = [await replica(), await replica()]
})
afterEach(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()))
  await bus.close()
})

const publish = (subject: string, data: unknown) => publishOn(bus, subject, data)
const move = (id: string, state: string) => publish(`progress.parcel.${id}`, { state })

const subscribe = (id: string, parcel: string, extensions: object = {}) => ({
  id,
  type: 'subscribe',
  payload: {
    query: 'subscription ($id: ID!) { parcelMoved(id: $id) { state } }',
    variables: { id: parcel },
    extensions,
  },
})

async function admitted(token: string, gateway = gateways[0]): Promise<SocketClient> {
  const client = await openSocketClient((gateway?.url ?? '').replace('http', 'ws'))
  client.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })
  expect(await client.next()).toEqual({ type: 'connection_ack' })
  return client
}

/** A stream that has had its first event, and the cursor of it. */
async function following(options: TestTokenOptions, gateway = gateways[0]) {
  const client = await admitted(await issuer.token(options), gateway)
  client.send(subscribe('1', 'p1'))
  const first = Object(await client.next())
  expect(first).toMatchObject({ id: '1', type: 'next', payload: { data: { parcelMoved: { state: 'BEGUN' } } } })
  return { client, cursor: first.payload.extensions?.cursor as string }
}

const refused = (id: string, code: string) => ({ id, type: 'error', payload: [{ extensions: { code } }] })

describe('a session that ends', () => {
  it('ends its streams on every replica, and nobody else’s', async () => {
    await move('p1', 'BEGUN')
    const [sessionId, other] = [crypto.randomUUID(), crypto.randomUUID()]
    const ended = [await following({ sessionId }, gateways[0]), await following({ sessionId }, gateways[1])]
    const { client: untouched } = await following({ sessionId: other }, gateways[1])
    await publish('events.session.ended', { sessionId, userId: crypto.randomUUID() })
    for (const { client } of ended) {
      expect(await client.next()).toMatchObject(refused('1', 'SUBSCRIPTION_SESSION_ENDED'))
    }
    await move('p1', 'GOING ON')
    expect(await untouched.next()).toMatchObject({ payload: { data: { parcelMoved: { state: 'GOING ON' } } } })
  })

  it.each([
    ['Server-Sent Events', 'text/event-stream'],
    ['multipart', 'multipart/mixed;subscriptionSpec=1.0, application/json'],
  ])('ends those over %s as well', async (_way, accept) => {
    await move('p1', 'BEGUN')
    const sessionId = crypto.randomUUID()
    const answer = await fetch(gateways[1]?.url ?? '', {
      method: 'POST',
      headers: {
        accept,
        authorization: `Bearer ${await issuer.token({ sessionId })}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(subscribe('1', 'p1').payload),
    })
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const read = async () => {
      const { value, done } = (await reader?.read()) ?? { done: true }
      text += value ?? ''
      return !done
    }
    while (!text.includes('BEGUN')) await read()
    await publish('events.session.ended', { sessionId })
    while (await read()) continue
    expect(text).toContain('SUBSCRIPTION_SESSION_ENDED')
  })

  it('is known to a replica that comes later', async () => {
    const sessionId = crypto.randomUUID()
    await publish('events.session.ended', { sessionId })
    const late = await replica()
    gateways.push(late)
    const client = await openSocketClient(late.url.replace('http', 'ws'))
    client.send({
      type: 'connection_init',
      payload: { authorization: `Bearer ${await issuer.token({ sessionId })}` },
    })
    expect(await client.closed).toEqual({ code: 4403, reason: 'SUBSCRIPTION_SESSION_ENDED' })
  })
})

describe('a token', () => {
  it('ends its stream when it expires, unless a newer one of the same person comes in time', async () => {
    await move('p1', 'BEGUN')
    const userId = crypto.randomUUID()
    const [left, renewed] = [
      await following({ userId, expiresInSeconds: 2 }),
      await following({ userId, expiresInSeconds: 2 }),
    ]
    renewed.client.send({ type: 'ping', payload: { authorization: `Bearer ${await issuer.token({ userId })}` } })
    expect(await renewed.client.next()).toMatchObject({ type: 'pong', payload: { expiresInMs: expect.any(Number) } })
    expect(await left.client.next()).toMatchObject(refused('1', 'SUBSCRIPTION_TOKEN_EXPIRED'))
    await move('p1', 'GOING ON')
    expect(await renewed.client.next()).toMatchObject({ payload: { data: { parcelMoved: { state: 'GOING ON' } } } })
  })

  it('of somebody else closes the connection', async () => {
    await move('p1', 'BEGUN')
    const { client } = await following({})
    client.send({ type: 'ping', payload: { authorization: `Bearer ${await issuer.token()}` } })
    expect(await client.closed).toEqual({ code: 4403, reason: 'AUTHZ_FORBIDDEN' })
  })

  it('that is forged is not taken in place of a good one', async () => {
    await move('p1', 'BEGUN')
    const userId = crypto.randomUUID()
    const { client } = await following({ userId })
    const forger = await createTestIssuer()
    client.send({ type: 'ping', payload: { authorization: `Bearer ${await forger.token({ userId })}` } })
    expect(await client.next()).toMatchObject({ type: 'pong', payload: { code: 'AUTH_TOKEN_INVALID' } })
  })
})

describe('somebody who asks for what is not theirs', () => {
  it.each([
    ['a thing of somebody else', 'p2', 'RES_NOT_FOUND'],
    ['a thing there is not', 'p3', 'RES_NOT_FOUND'],
    ['everything', '>', 'VAL_INVALID_FORMAT'],
    ['anything', '*', 'VAL_INVALID_FORMAT'],
    ['everything of something', 'p2.>', 'VAL_INVALID_FORMAT'],
    ['another subject', 'p1.other', 'VAL_INVALID_FORMAT'],
    ['nothing', '', 'VAL_INVALID_FORMAT'],
    ['a subject with a blank', 'p1 p2', 'VAL_INVALID_FORMAT'],
  ])('is refused %s', async (_what, parcel, code) => {
    await move('p1', 'BEGUN')
    await move('p2', 'SECRET')
    const client = await admitted(await issuer.token())
    client.send(subscribe('1', parcel))
    expect(await client.next()).toMatchObject(refused('1', code))
  })
})

describe('a cursor', () => {
  it('is taken by any replica from whoever was given it, and goes on right after it', async () => {
    await move('p1', 'BEGUN')
    const userId = crypto.randomUUID()
    const { cursor } = await following({ userId })
    for (const state of ['SECOND', 'THIRD']) await move('p1', state)
    const client = await admitted(await issuer.token({ userId }), gateways[1])
    client.send(subscribe('1', 'p1', { cursor }))
    for (const state of ['SECOND', 'THIRD']) {
      expect(await client.next()).toMatchObject({ payload: { data: { parcelMoved: { state } } } })
    }
  })

  it('is refused where it is forged, or was given to somebody else or for something else', async () => {
    await move('p1', 'BEGUN')
    const userId = crypto.randomUUID()
    const { client, cursor } = await following({ userId })
    const stranger = await following({})
    const [position = '', mark = '', binding = ''] = cursor.split('.')
    const strangers = stranger.cursor.split('.')
    const forged = [
      [Number(position) + 1, mark, binding].join('.'),
      [0, mark, binding].join('.'),
      [position, mark, strangers[2]].join('.'),
      [position, mark].join('.'),
      [position, '', ''].join('.'),
      [position, `${mark.slice(0, -1)}${mark.endsWith('A') ? 'B' : 'A'}`, binding].join('.'),
      stranger.cursor,
      `${cursor}.x`,
      '-1..',
      'NaN.NaN.NaN',
      '',
      '\u0000',
    ]
    for (const wrong of forged) {
      client.send(subscribe('2', 'p1', { cursor: wrong }))
      expect(await client.next()).toMatchObject(refused('2', 'CURSOR_INVALID'))
    }
    owners.set('p4', 'ada')
    client.send(subscribe('2', 'p4', { cursor }))
    expect(await client.next()).toMatchObject(refused('2', 'CURSOR_INVALID'))
  })
})
