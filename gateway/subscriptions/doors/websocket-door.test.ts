import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { until } from '../../../tests/support/until.js'
import { openTestDoor, type TestDoor } from './fixtures/open-door.js'
import type { WebSocketLimits } from './websocket-limits.js'

let test: TestDoor

async function reopen(limits: Partial<WebSocketLimits>): Promise<void> {
  await test.close()
  test = await openTestDoor(limits)
}

const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })
const subscription = (id: string) => ({ id, type: 'subscribe', payload: { query: 'subscription { count }' } })

beforeEach(async () => void (test = await openTestDoor()))
afterEach(() => test.close())

describe('the way in through the WebSocket door', () => {
  it('is open to pages of its list, pages of its own on loopback, and clients that are no pages', async () => {
    const own = test.url.replace('ws:', 'http:').replace('/graphql', '')
    for (const origin of ['https://app.example.com', own, undefined]) {
      const client = await test.socket(origin === undefined ? {} : { origin })
      client.socket.close()
      await client.closed
    }
  })

  it.each(['https://evil.example', 'null', 'https://app.example.com.evil.example', 'http://localhost:1'])(
    'is closed to a page of %s',
    async (origin) => {
      await expect(test.socket({ origin })).rejects.toThrow('403')
    },
  )

  it('does not take a rebound name for its own page', async () => {
    const headers = { host: 'rebound.example' }
    await expect(test.socket({ origin: 'http://rebound.example', headers })).rejects.toThrow('403')
  })

  it('leaves other paths alone, and HTTP', async () => {
    const raw = connect(Number(new URL(test.url).port), '127.0.0.1')
    raw.write('GET /other HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    const [answer] = await Promise.all([new Promise((resolve) => raw.once('data', resolve))])
    expect(String(answer)).toContain('404 Not Found')
    expect(await (await fetch(test.url.replace('ws:', 'http:'))).text()).toBe('http still answers')
  })

  it.each([
    ['of all', { maxSockets: 2 }, '503'],
    ['of an address', { maxSocketsPerAddress: 2 }, '429'],
  ])('is limited in the number %s, until somebody leaves', async (_whose, limits, status) => {
    await reopen(limits)
    const [first] = [await test.socket(from('10.0.0.1')), await test.socket(from('10.0.0.1'))]
    await expect(test.socket(from('10.0.0.1'))).rejects.toThrow(status)
    if (status === '429') await test.socket(from('10.0.0.2'))
    first.socket.close()
    await first.closed
    await until(() => test.counted.closed === 1)
    await test.socket(from('10.0.0.1'))
  })

  it('tells who is refused when to come again', async () => {
    await reopen({ maxSockets: 1 })
    await test.socket()
    const refused = await fetchUpgrade(test.url)
    expect(refused).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\nRetry-After: \d+\r\n/)
  })

  it('counts who comes and goes, once each', async () => {
    const clients = [await test.socket(), await test.admitted(), await test.socket({}, [])]
    expect(test.counted.opened).toBe(3)
    clients[0]?.socket.terminate()
    clients[1]?.socket.close()
    await until(() => test.counted.closed === 3)
    expect(test.door.size).toBe(0)
  })
})

describe('a connection through the WebSocket door', () => {
  it('is closed where nobody says who it is, also while that is found out', async () => {
    await reopen({ initTimeoutMs: 40 })
    const [silent, pinging, unknown] = [await test.socket(), await test.socket(), await test.socket()]
    pinging.send({ type: 'ping' })
    unknown.send({ type: 'connection_init', payload: { authorization: 'Bearer never' } })
    for (const { closed } of [silent, pinging, unknown]) expect((await closed).code).toBe(4408)
    const client = await test.admitted()
    client.send(subscription('1'))
    await until(() => test.live.operations.length === 1)
  })

  it('is dropped where nobody answers pings, and kept where somebody does or speaks', async () => {
    await reopen({ pingIntervalMs: 20, deadAfterMs: 80 })
    const dead = await test.admitted(undefined, { autoPong: false })
    const alive = await test.admitted()
    expect((await dead.closed).code).toBe(1006)
    alive.send({ type: 'ping' })
    expect(await alive.next()).toEqual({ type: 'pong' })
  })

  it('is sent one ping a pause, and those of many connections not in one turn', async () => {
    await reopen({ pingIntervalMs: 100, deadAfterMs: 100_000 })
    const clients = await Promise.all(Array.from({ length: 10 }, () => test.admitted(undefined, { autoPong: false })))
    const pings = new Map<unknown, number[]>(clients.map((client) => [client, []]))
    for (const client of clients) client.socket.on('ping', () => pings.get(client)?.push(performance.now()))
    await until(() => [...pings.values()].every((times) => times.length === 1))
    const times = [...pings.values()].flat()
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(10)
  })

  it('is dropped where its client reads nothing, although it speaks', async () => {
    await reopen({ maxBufferedBytes: 65_536, deadAfterMs: 100, pingIntervalMs: 50 })
    const client = await test.admitted()
    client.send(subscription('1'))
    await until(() => test.live.operations.length === 1)
    const talking = setInterval(() => client.send({ type: 'ping' }), 10)
    client.socket.pause()
    const head = Buffer.from(JSON.stringify({ data: { text: '~'.repeat(30_000) } }))
    while (test.live.operations[0]?.sink.next({ head }, '')) continue
    await until(() => test.door.size === 0)
    clearInterval(talking)
    expect(test.live.operations[0]?.isClosed()).toBe(true)
    client.socket.terminate()
  })
})

describe('closing the WebSocket door', () => {
  it('sends every client elsewhere, with a pause that differs, and lets nobody in meanwhile', async () => {
    await reopen({ closeGraceMs: 1_000 })
    const clients = await Promise.all(Array.from({ length: 60 }, () => test.admitted()))
    for (const client of clients) client.send(subscription('1'))
    await until(() => test.live.operations.length === 60)
    const closing = test.door.close()
    expect(await fetchUpgrade(test.url)).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\nRetry-After: \d+\r\n/)
    await closing
    const closures = await Promise.all(clients.map(({ closed }) => closed))
    expect(new Set(closures.map(({ code }) => code))).toEqual(new Set([1012]))
    const hints = closures.map(({ reason }) => JSON.parse(reason).retryMs as number)
    expect(hints.every((hint) => Number.isInteger(hint) && hint > 0 && hint <= 5_000)).toBe(true)
    expect(new Set(hints).size).toBeGreaterThan(30)
    expect(test.live.operations.every((operation) => operation.closedBy() === 'shutdown')).toBe(true)
    expect(test.door.size).toBe(0)
  })

  it('is spread over the time it is given, while the others go on', async () => {
    await reopen({ drainMs: 150 })
    const clients = await Promise.all(Array.from({ length: 151 }, () => test.admitted()))
    const atMs: number[] = []
    for (const { closed } of clients) void closed.then(() => atMs.push(performance.now()))
    await test.door.close()
    await until(() => atMs.length === 151)
    expect(Math.max(...atMs) - Math.min(...atMs)).toBeGreaterThan(80) // four steps of 50 ms, less what timers give
  })

  it('does not wait for ever for clients that ignore the closing handshake', async () => {
    await reopen({ closeGraceMs: 20 })
    const client = await test.admitted()
    client.socket.pause()
    await test.door.close()
    client.socket.resume()
    expect((await client.closed).code).toBe(1012) // which it was told, and did not answer
  })
})

/** What a bare upgrade is answered, as text. */
function fetchUpgrade(url: string): Promise<string> {
  const raw = connect(Number(new URL(url).port), '127.0.0.1')
  raw.write(
    [
      'GET /graphql HTTP/1.1',
      'Host: x',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==',
      '\r\n',
    ].join('\r\n'),
  )
  return new Promise((resolve, reject) => {
    raw.once('data', (data) => resolve(String(data)))
    raw.once('error', reject)
  })
}
