import { connect } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { createGate, until } from '../../../tests/support/until.js'
import { messageAt, TAIL } from './fixtures/scripted-live.js'
import { openStreamClient, type StreamClient } from './fixtures/stream-client.js'
import { LONG_WAY, startStreamServer, type StreamServer } from './fixtures/stream-server.js'

let server: StreamServer
afterEach(() => server.close())

const accepts = { sse: 'text/event-stream', multipart: 'multipart/mixed;subscriptionSpec=1.0' }
const subscribe = (kind: keyof typeof accepts = 'sse', headers: Readonly<Record<string, string>> = {}) =>
  openStreamClient(server.url, {
    headers: { accept: accepts[kind], ...headers },
    body: { query: 'subscription { count }' },
  })

async function refusalOf(client: StreamClient): Promise<unknown> {
  await client.ended
  const { errors } = JSON.parse(client.text())
  return [client.status, errors[0].extensions.code, client.headers['retry-after']]
}

describe('streams over HTTP', () => {
  it('are only so many', async () => {
    server = await startStreamServer({ limits: { maxStreams: 2, maxStreamsPerAddress: 2, maxBufferedBytes: 1 } })
    const [first] = [await subscribe(), await subscribe('multipart')]
    expect(await refusalOf(await subscribe())).toEqual([503, 'SUBSCRIPTION_UNAVAILABLE', '5'])
    first?.leave()
    await until(() => server.door.size === 1)
    expect((await subscribe()).status).toBe(200)
  })

  it('are only so many of one address', async () => {
    server = await startStreamServer({ limits: { maxStreams: 9, maxStreamsPerAddress: 1, maxBufferedBytes: 1 } })
    const from = (address: string) => subscribe('sse', { 'x-forwarded-for': address })
    expect((await from('10.1.1.1')).status).toBe(200)
    expect(await refusalOf(await from('10.1.1.1'))).toEqual([429, 'RATE_LIMIT_EXCEEDED', '5'])
    expect((await from('10.1.1.2')).status).toBe(200)
  })

  it.each(['sse', 'multipart'] as const)('end with their token: %s', async (kind) => {
    let nowMs = 0
    server = await startStreamServer({ tickMs: 1, now: () => nowMs })
    const [ending, lasting] = [
      await subscribe(kind, { authorization: 'Bearer ada/s/60' }),
      await subscribe(kind, { authorization: 'Bearer ada/s/9000' }),
    ]
    nowMs = 59_000
    server.live.operations[0]?.sink.next(messageAt(1, { count: 1 }), TAIL)
    await ending.received('"count":1')
    nowMs = 60_001
    expect(await ending.ended).toBe('complete')
    expect(ending.text()).toContain('SUBSCRIPTION_TOKEN_EXPIRED')
    expect(server.live.operations.map(({ endings }) => endings)).toEqual([['SUBSCRIPTION_TOKEN_EXPIRED'], []])
    expect(lasting.text()).not.toContain('SUBSCRIPTION_TOKEN_EXPIRED')
  })

  it('end with their session, and none of it begins any more', async () => {
    server = await startStreamServer()
    const ofSession = (sid: string) => subscribe('sse', { authorization: `Bearer ada/${sid}` })
    const [ending, other] = [await ofSession('s-1'), await ofSession('s-2')]
    server.endSession('s-1')
    expect(await ending.ended).toBe('complete')
    expect(ending.text()).toContain('SUBSCRIPTION_SESSION_ENDED')
    expect(await refusalOf(await ofSession('s-1'))).toEqual([401, 'SUBSCRIPTION_SESSION_ENDED', undefined])
    other.leave()
    await until(() => server.sessions.size === 0)
  })

  it('never begin for who has left while their token was looked at', async () => {
    const [asked, answered] = [createGate(), createGate()]
    let left = false
    server = await startStreamServer({
      async identify(_headers, address) {
        asked.open()
        await answered.opened
        return { principal: null, authorization: null, address }
      },
      onRequest: (response) => response.once('close', () => (left = true)),
    })
    const leaving = new AbortController()
    const request = fetch(server.url, {
      method: 'POST',
      headers: { accept: accepts.sse, 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'subscription { count }' }),
      signal: leaving.signal,
    })
    await asked.opened
    leaving.abort()
    await expect(request).rejects.toThrow()
    await until(() => left)
    answered.open()
    const next = await fetch(server.url)
    expect(await next.text()).toBe(LONG_WAY)
    expect([server.door.size, server.live.operations, server.counted]).toEqual([0, [], []])
  })

  it('never begin behind one on the same connection, which is cut off', async () => {
    server = await startStreamServer()
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.on('error', () => undefined).resume() // a reset is a cut as well
    const body = JSON.stringify({ query: 'subscription { count }' })
    const head = ['POST /graphql HTTP/1.1', 'Host: localhost', `Accept: ${accepts.sse}`]
    const lines = [...head, 'Content-Type: application/json', `Content-Length: ${body.length}`, '', body]
    socket.write(lines.join('\r\n').repeat(2))
    await until(() => socket.destroyed)
    await until(() => server.door.size === 0)
    expect(server.counted).toEqual(['opened sse', 'closed sse'])
    expect(server.live.operations.map(({ closedBy }) => closedBy())).toEqual(['client'])
  })

  it('are cut where nobody reads for a minute of heartbeats', async () => {
    server = await startStreamServer({ heartbeatMs: 1 })
    const client = await subscribe()
    client.pause()
    const [operation] = server.live.operations
    const large = messageAt(1, { count: '~'.repeat(262_144) })
    await until(() => {
      operation?.sink.next(large, TAIL) // until the kernel takes no more, however much that is
      return operation?.isClosed() === true
    })
    expect(server.door.size).toBe(0)
  })

  it('are sent elsewhere when the gateway stops, each in its way, and none begins', async () => {
    server = await startStreamServer()
    const [events, parts] = [await subscribe('sse'), await subscribe('multipart')]
    const closing = server.door.close()
    expect(await refusalOf(await subscribe())).toEqual([503, 'SUBSCRIPTION_UNAVAILABLE', '5'])
    await closing
    expect([await events.ended, await parts.ended]).toEqual(['complete', 'complete'])
    const [, retryMs = ''] = /retry: (\d+)\n\n$/.exec(events.text()) ?? []
    expect(retryMs).not.toBe('')
    expect(Number(retryMs)).toBeLessThanOrEqual(5_000)
    expect(events.text()).not.toContain('complete') // a client that was told so would not come back
    expect(parts.text()).toMatch(
      /\{"payload":null,"errors":\[.*"SUBSCRIPTION_UNAVAILABLE","retryAfter":\d.*\}\r\n--graphql--/,
    )
    expect(server.live.operations.every(({ closedBy }) => closedBy() === 'shutdown')).toBe(true)
  })

  it('are sent elsewhere not all at once, and all of them', async () => {
    server = await startStreamServer({ drainMs: 40 })
    const clients = await Promise.all(Array.from({ length: 60 }, () => subscribe()))
    await server.door.close()
    expect(new Set(await Promise.all(clients.map(({ ended }) => ended)))).toEqual(new Set(['complete']))
    const hints = new Set(clients.map((client) => /retry: \d+/.exec(client.text())?.[0]))
    expect(hints.size).toBeGreaterThan(10)
  })
})
