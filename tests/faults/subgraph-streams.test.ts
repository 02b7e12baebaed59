import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { buildSchema } from 'graphql'
import type { FeedReader } from '../../gateway/subscriptions/feeds/event-feed.js'
import type { LiveFieldRequest } from '../../gateway/subscriptions/feeds/live-field-request.js'
import { createRemoteField } from '../../gateway/subscriptions/feeds/remote-field.js'
import type { UpstreamSettings } from '../../gateway/subscriptions/feeds/upstream/upstream-settings.js'
import { AppError } from '../../platform/errors/app-error.js'
import { createLogger } from '../../platform/log/logger.js'
import {
  parcelsSdl,
  startSubscriptionServer,
  THE_END,
  type SubscriptionServer,
} from '../support/subscription-server.js'
import { until } from '../support/until.js'

const schema = buildSchema(parcelsSdl)
const operation = 'subscription ($id: ID!) { m: moved(id: $id) { s: state parcel { id } } }'
const never = new AbortController().signal
const refused = (code: string) => expect.objectContaining({ constructor: AppError, code })

describe.each(['ws', 'sse'] as const)('a subscription that a subgraph serves over %s', (protocol) => {
  let server: SubscriptionServer
  let lines: string[]
  const open: FeedReader[] = []
  beforeEach(async () => {
    lines = []
    server = await startSubscriptionServer(protocol)
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((reader) => reader.close()))
    await server.close()
  })

  const field = (id = 'p1', more: Partial<LiveFieldRequest> = {}, settings: Partial<UpstreamSettings> = {}) =>
    createRemoteField({
      generation: {
        subgraphs: new Map(),
        eventStreams: { addressOf: () => null, ruleOf: () => null, fields: [], eventSubgraphs: [] },
        subgraphSchema: () => schema,
      },
      endpoint: { name: 'parcels', url: new URL(server.url) },
      fetch: { serviceName: 'parcels', operation },
      request: {
        variables: { id },
        caller: { principal: null, authorization: 'Bearer mine', address: '192.0.2.1' },
        ids: { requestId: 'r', traceId: 't' },
        headers: { 'x-tenant': 'a', cookie: 'secret' },
        ...more,
      },
      settings: {
        subscriptions: new Map([['parcels', { protocol, url: null }]]),
        forwardHeaders: ['x-tenant'],
        timeoutMs: 2_000,
        maxResponseBytes: 1_000_000,
        ...settings,
      },
      retrying: { tries: 6, firstMs: 20, longestMs: 200 },
      logger: createLogger({
        service: 'test',
        level: 'trace',
        destination: { write: (line) => void lines.push(line) },
      }),
    })

  async function follow(made = field(), id = 'p1') {
    const reader = await made.feed.open('new', never)
    open.push(reader)
    const events = reader[Symbol.asyncIterator]()
    await until(() => server.followers(id) > 0)
    return { reader, next: async () => (await events.next()).value, events }
  }
  const moved = (state: string) => ({ state, parcel: { id: 'p1' } })

  it('hands on its results in order, as it was asked', async () => {
    const made = field()
    const { next } = await follow(made)
    for (const state of ['A', 'B']) server.publish('p1', moved(state))
    const [first, second] = [await next(), await next()]
    expect([first, second].map((event) => event?.sequence)).toEqual([1, 2])
    expect(made.project(second?.payload)).toEqual({ data: { m: { s: 'B', parcel: { id: 'p1' } } }, errors: [] })
    expect(made.name).toBe('moved')
    expect(made.feed.isLog).toBe(false)
  })

  it('is asked with the token and the headers to pass on, and nothing else of the caller', async () => {
    await follow()
    const [asked] = server.asked
    expect(asked?.headers).toMatchObject({ authorization: 'Bearer mine', 'x-tenant': 'a' })
    expect(Object.keys(asked?.headers ?? {})).not.toEqual(expect.arrayContaining(['cookie']))
    expect(JSON.stringify(asked?.headers)).not.toContain('192.0.2.1')
    if (protocol === 'ws') expect(asked?.params).toEqual({ authorization: 'Bearer mine', 'x-tenant': 'a' })
  })

  it('is asked with what a hook makes of the headers', async () => {
    const sign = (_service: string, headers: readonly string[]) => [...headers, 'x-signed', 'yes']
    await follow(field('p1', {}, { willSendRequest: sign }))
    expect(server.asked[0]?.headers).toMatchObject({ 'x-signed': 'yes', 'x-tenant': 'a' })
  })

  it('has one key for equal questions, and another where token, headers, variables or address differ', () => {
    const caller = { principal: null, authorization: 'Bearer other', address: null }
    const made = [
      field(),
      field('p1', { ids: { requestId: 'other', traceId: 'other' } }),
      field('p2'),
      field('p1', { caller }),
      field('p1', { headers: { 'x-tenant': 'b' } }),
      field('p1', {}, { subscriptions: new Map([['parcels', { protocol, url: new URL('http://127.0.0.1:1/') }]]) }),
    ].map(({ feed }) => feed.key)
    expect(made[1]).toBe(made[0])
    expect(new Set(made).size).toBe(made.length - 1)
    expect(made.join()).not.toContain('mine')
  })

  it('ends when the subgraph says so', async () => {
    const { events } = await follow()
    server.publish('p1', moved('A'))
    server.publish('p1', THE_END)
    expect((await events.next()).done).toBe(false)
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })

  it('lets go of the subgraph with its reader, also one that waits', async () => {
    const { reader, events } = await follow()
    const waiting = events.next()
    await reader.close()
    expect(await waiting).toEqual({ done: true, value: undefined })
    await until(() => server.followers('p1') === 0)
    const left = await follow()
    await left.events.return?.()
    await until(() => server.followers('p1') === 0)
  })

  it('tells faults of an event in its answer, masked as those of a fetch, and goes on', async () => {
    const made = field()
    const { next } = await follow(made)
    server.publish('p1', new Error('connect ECONNREFUSED 10.0.0.7:5432'))
    server.publish('p1', moved('B'))
    const { data, errors } = made.project((await next())?.payload)
    expect(data).toEqual({ m: null })
    expect(errors).toEqual([
      expect.objectContaining({
        path: ['m'],
        extensions: expect.objectContaining({ code: 'INT_INTERNAL_ERROR', service: 'parcels' }),
      }),
    ])
    expect(JSON.stringify(errors)).not.toContain('10.0.0.7')
    expect(lines.join()).toContain('10.0.0.7')
    expect(made.project((await next())?.payload).data).toEqual({ m: { s: 'B', parcel: { id: 'p1' } } })
  })

  it('tells of an event that is no result', () => {
    for (const payload of ['text', null, {}, { data: 7 }]) {
      expect(field().project(payload)).toMatchObject({
        data: {},
        errors: [{ path: ['m'], extensions: { code: 'SUBGRAPH_BAD_RESPONSE', service: 'parcels' } }],
      })
    }
  })

  it('gives everybody data of their own', async () => {
    const made = field()
    const payload = { data: { m: { s: 'A', parcel: { id: 'p1' } } } }
    Object.assign(made.project(payload).data['m'] ?? {}, { s: 'changed' })
    expect(made.project(payload).data).toEqual(payload.data)
  })

  it.each([
    ['denied', 'AUTHZ_RESOURCE_OWNERSHIP'],
    ['broken', 'INT_INTERNAL_ERROR'],
  ])('is told of %s as the subgraph says it, masked where it must be', async (id, code) => {
    const made = field(id)
    const told = await made.feed.open('new', never).then(
      async (reader) => {
        open.push(reader)
        const { value } = await reader[Symbol.asyncIterator]().next()
        return made.project(value?.payload).errors
      },
      (error: unknown) => [error],
    )
    const codeOf = (fault: unknown) =>
      fault instanceof AppError ? fault.code : Reflect.get(Object(Reflect.get(Object(fault), 'extensions')), 'code')
    expect(told.map(codeOf)).toEqual([code])
    expect(JSON.stringify(told)).not.toContain('10.0.0.7')
  })

  it('is refused where the subgraph does not let the caller in', async () => {
    const caller = { principal: null, authorization: 'Bearer nobody', address: null }
    await expect(field('p1', { caller }).feed.open('new', never)).rejects.toEqual(refused('AUTHZ_FORBIDDEN'))
  })

  it('begins nothing for a token that could smuggle a header, or a caller who has left', async () => {
    const caller = { principal: null, authorization: 'Bearer x\r\nx-admin: yes', address: null }
    expect(() => field('p1', { caller })).toThrow(refused('AUTH_TOKEN_INVALID'))
    const left = AbortSignal.abort()
    await expect(field().feed.open('new', left)).rejects.toEqual(refused('SUBSCRIPTION_SOURCE_UNAVAILABLE'))
    await expect(field().feed.open({ afterSequence: 1 }, never)).rejects.toEqual(refused('CURSOR_EXPIRED'))
    expect(server.asked).toEqual([])
  })

  it('goes on after the subgraph was killed and came back', async () => {
    const { next } = await follow()
    for (const state of ['A', 'B', 'C']) {
      server.publish('p1', moved(state))
      const event = await next()
      expect(event).toMatchObject({ payload: { data: { m: { s: state } } } })
      await server.kill()
      await until(() => server.followers('p1') === 0)
      await server.restart()
      await until(() => server.followers('p1') === 1)
    }
    server.publish('p1', moved('D'))
    expect(await next()).toMatchObject({ sequence: 4, payload: { data: { m: { s: 'D' } } } })
  })

  it('says that its source is gone once the subgraph stays away, after what had arrived', async () => {
    const { next } = await follow()
    server.publish('p1', moved('A'))
    expect(await next()).toMatchObject({ sequence: 1 })
    await server.kill()
    await expect(next()).rejects.toEqual(refused('SUBSCRIPTION_SOURCE_UNAVAILABLE'))
    expect(lines.filter((line) => line.includes('stream was lost'))).toHaveLength(7)
  })

  it('is not begun where the subgraph is away, and leaves no trying behind when its reader goes', async () => {
    const { reader } = await follow()
    await server.kill()
    await expect(field().feed.open('new', never)).rejects.toEqual(refused('SUBSCRIPTION_SOURCE_UNAVAILABLE'))
    await reader.close()
    const told = lines.length
    await server.restart()
    const again = await follow()
    expect(server.followers('p1')).toBe(1)
    expect(lines.length).toBe(told)
    await again.reader.close()
  })

  it('keeps a subgraph that floods waiting, and loses nothing to a slow reader', async () => {
    const { next } = await follow()
    const [count, text] = [1_000, 'x'.repeat(50_000)]
    for (let index = 0; index < count; index += 1) server.publish('p1', { state: `${index} ${text}` })
    for (let index = 0; index < count; index += 1) {
      const event = await next()
      const state = String(Reflect.get(Object(field().project(event?.payload).data['m']), 's'))
      expect(Number(state.split(' ')[0])).toBe(index)
      if (index > 10) continue
      for (let turn = 0; turn < 50; turn += 1) await nextTurn()
      // what was read, what the queue may hold, and what sockets hold on both sides: about 15 MB
      expect(server.written()).toBeLessThan(index * text.length + 20_000_000)
    }
  })

  it('refuses results that are larger than allowed', async () => {
    const { next } = await follow(field('p1', {}, { maxResponseBytes: 1_000 }))
    server.publish('p1', moved('x'.repeat(100_000)))
    await expect(next()).rejects.toEqual(refused('SUBGRAPH_BAD_RESPONSE'))
  })
})
