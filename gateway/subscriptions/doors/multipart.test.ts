import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { until } from '../../../tests/support/until.js'
import { messageAt, messageWithoutCursor, refusal, TAIL } from './fixtures/scripted-live.js'
import { openStreamClient, type StreamClient } from './fixtures/stream-client.js'
import { LONG_WAY, startStreamServer, type StreamServer } from './fixtures/stream-server.js'

let server: StreamServer
beforeEach(async () => {
  server = await startStreamServer()
})
afterEach(() => server.close())

const parts = { accept: 'multipart/mixed;subscriptionSpec=1.0, application/json' }
const subscribe = (headers: Readonly<Record<string, string>> = parts, query = 'subscription { count }') =>
  openStreamClient(server.url, { headers, body: { query, extensions: { cursor: 'c-1' } } })

/** The bodies of a complete answer's parts: RFC 2046, section 5.1. */
function bodiesOf(client: StreamClient): unknown[] {
  const [preamble, ...rest] = client.text().split('\r\n--graphql')
  expect([preamble, rest.pop()]).toEqual(['', '--\r\n'])
  return rest.map((part) => {
    const [head, body = ''] = part.split('\r\n\r\n')
    expect(head).toBe('\r\ncontent-type: application/json')
    return JSON.parse(body)
  })
}

describe('a subscription by multipart', () => {
  it('comes in parts, each told as complete at once', async () => {
    const client = await subscribe()
    const sink = server.live.operations[0]?.sink
    expect(client.headers['content-type']).toBe('multipart/mixed; boundary="graphql"; subscriptionSpec=1.0')
    sink?.next(messageAt(7, { count: 1 }), TAIL)
    await client.received('binding"}}}\r\n--graphql')
    sink?.next(messageWithoutCursor({ count: 2 }), '')
    sink?.complete()
    expect(await client.ended).toBe('complete')
    expect(bodiesOf(client)).toEqual([
      { payload: { data: { count: 1 }, extensions: { cursor: '7.mark.binding' } } },
      { payload: { data: { count: 2 } } },
    ])
    expect(server.live.operations[0]?.request.cursor).toBe('c-1')
  })

  it.each([
    'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json',
    'multipart/mixed;boundary="graphql";subscriptionSpec="1.0", application/json',
    'application/json, text/event-stream;q=0.1, multipart/mixed;subscriptionSpec=1.0;q=0.5',
  ])('is asked for by accept: %s', async (accept) => {
    expect((await subscribe({ accept })).headers['content-type']).toContain('multipart/mixed')
  })

  it.each([
    'multipart/mixed',
    'multipart/mixed;subscriptionSpec=2.0',
    'multipart/mixed;deferSpec=20220824, application/json',
  ])('is not asked for by accept: %s', async (accept) => {
    const client = await subscribe({ accept })
    await client.ended
    expect(client.text()).toBe(LONG_WAY)
  })

  it('that is refused is answered so; one that is ended is told so by the transport', async () => {
    const refused = await subscribe(parts, 'subscription { refused }')
    await refused.ended
    expect(bodiesOf(refused)).toEqual([{ payload: { errors: [refusal('AUTHZ_FORBIDDEN')] } }])
    const ended = await subscribe()
    const sink = server.live.operations[1]?.sink
    sink?.next(messageAt(7, { count: 1 }), TAIL)
    sink?.error([refusal('SUBSCRIPTION_SOURCE_UNAVAILABLE')])
    await ended.ended
    expect(bodiesOf(ended)[1]).toEqual({ payload: null, errors: [refusal('SUBSCRIPTION_SOURCE_UNAVAILABLE')] })
  })

  it('keeps its way open with parts that say nothing', async () => {
    await server.close()
    server = await startStreamServer({ heartbeatMs: 1 })
    const client = await subscribe()
    await client.received('{}\r\n--graphql')
    server.live.operations[0]?.sink.complete()
    await client.ended
    expect(bodiesOf(client)).toContainEqual({})
  })

  it('leaves queries to the lanes of single answers', async () => {
    const client = await subscribe(parts, '{ ping }')
    await client.ended
    expect(client.text()).toBe(LONG_WAY)
  })

  it('counts as such, and is released as soon as its client leaves', async () => {
    const client = await subscribe()
    client.leave()
    await until(() => server.live.operations[0]?.isClosed() === true)
    expect(server.counted).toEqual(['opened multipart', 'closed multipart'])
  })
})
