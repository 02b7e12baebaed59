import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { until } from '../../../tests/support/until.js'
import { messageAt, messageWithoutCursor, TAIL, type ScriptedOperation } from './fixtures/scripted-live.js'
import { openStreamClient, type StreamClient } from './fixtures/stream-client.js'
import { LONG_WAY, startStreamServer, type StreamServer } from './fixtures/stream-server.js'

let server: StreamServer
beforeEach(async () => {
  server = await startStreamServer()
})
afterEach(() => server.close())

const events = { accept: 'text/event-stream' }
const subscribe = (body: object = {}, headers: Readonly<Record<string, string>> = {}) =>
  openStreamClient(server.url, {
    headers: { ...events, ...headers },
    body: { query: 'subscription { count }', ...body },
  })

async function subscribed(...given: Parameters<typeof subscribe>): Promise<[StreamClient, ScriptedOperation]> {
  const client = await subscribe(...given)
  await until(() => server.live.operations.length > 0)
  const operation = server.live.operations.at(-1)
  if (operation === undefined) throw new Error('nothing was opened')
  return [client, operation]
}

/** The blocks of a stream that say something. */
const said = (client: StreamClient) =>
  client
    .text()
    .split('\n\n')
    .filter((block) => block !== '' && block !== ':')

describe('a subscription by Server-Sent Events', () => {
  it('comes as events, each with its cursor as its id, then says that it is complete', async () => {
    const [client, { sink }] = await subscribed()
    expect(client.status).toBe(200)
    expect(client.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    })
    expect(sink.next(messageAt(7, { count: 1 }), TAIL)).toBe(true)
    sink.next(messageAt(8, { count: 'ü\n"}' }), 'binding","gap":{"missed":2}}}')
    sink.next(messageWithoutCursor({ count: 3 }), '')
    sink.complete()
    expect(await client.ended).toBe('complete')
    expect(said(client)).toEqual([
      'event: next\ndata: {"data":{"count":1},"extensions":{"cursor":"7.mark.binding"}}\nid: 7.mark.binding',
      'event: next\ndata: {"data":{"count":"ü\\n\\"}"},"extensions":{"cursor":"8.mark.binding","gap":{"missed":2}}}\nid: 8.mark.binding',
      'event: next\ndata: {"data":{"count":3}}',
      'event: complete\ndata:',
    ])
  })

  it('tells where it begins as an id without an event, which an EventSource keeps', async () => {
    const [client, { sink }] = await subscribed()
    sink.begun?.('6.mark.binding')
    sink.next(messageAt(7, 1), TAIL)
    sink.complete()
    await client.ended
    expect(said(client).slice(0, 2)).toEqual([
      'id: 6.mark.binding',
      'event: next\ndata: {"data":1,"extensions":{"cursor":"7.mark.binding"}}\nid: 7.mark.binding',
    ])
  })

  it('hands on the operation, its variables, its caller and where to go on', async () => {
    const body = { query: 'subscription A { count } query B { ping }', operationName: 'A', variables: { a: 1 } }
    const [, { request }] = await subscribed(
      { ...body, extensions: { cursor: 'c-1' } },
      { authorization: 'Bearer ada' },
    )
    expect(request).toMatchObject({
      ...body,
      cursor: 'c-1',
      isAddress: false,
      caller: { principal: { userId: 'ada' } },
    })
    expect(request.caller.address).toBe('127.0.0.1')
    expect(request.headers).toMatchObject({ authorization: 'Bearer ada' })
  })

  it('goes on from Last-Event-ID, which is newer than what the request first began with', async () => {
    const [, { request }] = await subscribed({ extensions: { cursor: 'c-1' } }, { 'last-event-id': 'c-9' })
    expect(request.cursor).toBe('c-9')
    const [, empty] = await subscribed({}, { 'last-event-id': '' })
    expect(empty.request.cursor).toBeNull()
  })

  it('may be asked for by an address, as an EventSource does', async () => {
    const asked = new URLSearchParams({
      query: 'subscription { count }',
      variables: '{"a":1}',
      extensions: '{"cursor":"c"}',
    })
    await openStreamClient(`${server.url}?${asked}`, { headers: events })
    expect(server.live.operations[0]?.request).toMatchObject({ isAddress: true, variables: { a: 1 }, cursor: 'c' })
  })

  it('that is refused hears so in the stream, as the protocol has it', async () => {
    const client = await subscribe({ query: 'subscription { refused }' })
    expect(await client.ended).toBe('complete')
    expect(client.status).toBe(200)
    expect(said(client)).toEqual([
      expect.stringMatching(/^event: next\ndata: \{"errors":\[\{.*"code":"AUTHZ_FORBIDDEN"/),
      'event: complete\ndata:',
    ])
  })

  it('is released as soon as its client leaves', async () => {
    const [client, operation] = await subscribed()
    expect(server.door.size).toBe(1)
    client.leave()
    await until(() => operation.isClosed())
    expect(server.door.size).toBe(0)
    expect(server.counted).toEqual(['opened sse', 'closed sse'])
  })

  it('is held back when its client does not read, and goes on when it does', async () => {
    const [client, operation] = await subscribed()
    client.pause()
    const large = messageAt(1, { count: '~'.repeat(262_144) })
    let sent = 0
    await until(() => {
      sent += 1
      return !operation.sink.next(large, TAIL)
    })
    expect(operation.drains()).toBe(0)
    client.resume()
    await until(() => operation.drains() === 1)
    operation.sink.complete()
    expect(await client.ended).toBe('complete')
    expect(client.text().split('id: 1.mark.binding')).toHaveLength(sent + 1)
  })
})

describe('other operations by Server-Sent Events', () => {
  const ask = (query: string, headers: Readonly<Record<string, string>> = events) =>
    openStreamClient(server.url, { headers, body: { query, variables: { say: 'hi' } } })

  it.each([
    ['a query', '{ ping }', '{"data":{"ping":"hi","user":null}}'],
    ['a mutation', 'mutation { ping }', '{"data":{"ping":"hi","user":null}}'],
    ['a query whose document is none', '{ refused', /^\{"errors":\[\{.*"code":"VAL_VALIDATION_FAILED"/],
  ])('are answered so where events are preferred: %s', async (_what, query, answer) => {
    const client = await ask(query)
    expect(await client.ended).toBe('complete')
    const [first = '', ...rest] = said(client)
    expect(first.replace('event: next\ndata: ', '')).toEqual(
      typeof answer === 'string' ? answer : expect.stringMatching(answer),
    )
    expect(rest).toEqual(['event: complete\ndata:'])
  })

  it('are cancelled when their client leaves', async () => {
    const client = await ask('{ ping } # hang')
    await until(() => server.pipeline.requests.length === 1)
    client.leave()
    await server.pipeline.released(1)
  })

  it.each([
    ['JSON is taken as well', { accept: 'application/json, text/event-stream' }, '{ ping }'],
    ['nothing is said', {}, 'subscription { count }'],
    ['anything is taken', { accept: '*/*' }, 'subscription { count }'],
    ['events are refused', { accept: 'text/event-stream;q=0, application/json' }, 'subscription { count }'],
    ['the token is not good', { ...events, authorization: 'Bearer expired' }, 'subscription { count }'],
    ['the body is no operation', events, ''],
  ])('are left to the other lanes where %s', async (_why, headers, query) => {
    const client = await ask(query, headers)
    await client.ended
    expect(client.text()).toBe(LONG_WAY)
    expect(server.live.operations).toEqual([])
  })

  it('are left to the other lanes where a foreign page may have asked, or an address would change something', async () => {
    const get = (query: string, headers = {}) =>
      openStreamClient(`${server.url}?${new URLSearchParams({ query })}`, { headers: { ...events, ...headers } })
    for (const client of [
      await get('subscription { count }', { 'sec-fetch-site': 'cross-site' }),
      await get('mutation { ping }'),
    ]) {
      await client.ended
      expect(client.text()).toBe(LONG_WAY)
    }
    expect([...server.live.operations, ...server.pipeline.requests]).toEqual([])
  })
})
