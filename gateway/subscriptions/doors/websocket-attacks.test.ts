import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { until } from '../../../tests/support/until.js'
import { openTestDoor, type TestDoor } from './fixtures/open-door.js'
import { openRawSocket, rawFrame, textOf, upgradeRequest, type RawFrame } from './fixtures/raw-socket.js'
import type { WebSocketLimits } from './websocket-limits.js'

let test: TestDoor

async function reopen(limits: Partial<WebSocketLimits>): Promise<void> {
  await test.close()
  test = await openTestDoor(limits)
}

const init = textOf({ type: 'connection_init' })
const subscribe = (id: string, query = '{ ping }', more: object = {}) => ({
  id,
  type: 'subscribe',
  payload: { query, ...more },
})

/** Somebody else, who must notice nothing. */
async function expectServed(): Promise<void> {
  const client = await test.admitted('Bearer ada')
  client.send(subscribe('1'))
  expect(await client.next()).toMatchObject({ payload: { data: { user: 'ada' } } })
  client.socket.close()
  await client.closed
}

beforeEach(async () => void (test = await openTestDoor()))
afterEach(async () => {
  await expectServed()
  await test.close()
})

describe('frames that break the rules', () => {
  it.each<[string, number, readonly RawFrame[]]>([
    ['text that is not UTF-8', 1007, [{ first: 0x81, payload: Buffer.from([0xff, 0xfe, 0xc0]) }]],
    ['text that is not UTF-8 at its end', 1007, [{ first: 0x81, payload: Buffer.from([0x22, 0xe2, 0x82]) }]],
    ['a surrogate in UTF-8', 1007, [{ first: 0x81, payload: Buffer.from([0xed, 0xa0, 0x80]) }]],
    ['a frame without a mask', 1002, [{ ...init, isMasked: false }]],
    ['a reserved bit', 1002, [{ ...init, first: 0xc1 }]],
    ['an unknown opcode', 1002, [{ ...init, first: 0x83 }]],
    ['a continuation of nothing', 1002, [{ ...init, first: 0x80 }]],
    ['a message within a message', 1002, [{ ...init, first: 0x01 }, init]],
    ['a ping in pieces', 1002, [{ first: 0x09 }]],
    ['a ping that is too long', 1002, [{ first: 0x89, payload: Buffer.alloc(126) }]],
    ['a close with half a code', 1002, [{ first: 0x88, payload: Buffer.from([3]) }]],
    ['a close with a code nobody may send', 1002, [{ first: 0x88, payload: Buffer.from([3, 237]) }]],
    ['a close whose reason is not UTF-8', 1007, [{ first: 0x88, payload: Buffer.from([3, 232, 0xff]) }]],
    ['a length above the limit', 1009, [{ first: 0x81, claimedLength: 1_048_577 }]],
    ['a length above what numbers hold', 1009, [{ first: 0x81, claimedLength: 2 ** 62 }]],
    ['binary', 4400, [{ ...init, first: 0x82 }]],
  ])('%s closes with %i', async (_what, code, frames) => {
    const raw = await openRawSocket(test.url)
    for (const frame of frames) raw.socket.write(rawFrame(frame))
    expect(await raw.closeCode).toBe(code)
    await until(() => test.door.size === 0)
  })

  it('a message in pieces above the limit closes with 1009', async () => {
    const raw = await openRawSocket(test.url)
    const piece = Buffer.alloc(300_000, 'x')
    raw.socket.write(rawFrame({ first: 0x01, payload: piece }))
    for (let count = 0; count < 3; count += 1) raw.socket.write(rawFrame({ first: 0x00, payload: piece }))
    expect(await raw.closeCode).toBe(1009)
  })

  it('a cut in mid-frame releases what ran', async () => {
    const raw = await openRawSocket(test.url)
    raw.socket.write(rawFrame(init))
    raw.socket.write(rawFrame(textOf(subscribe('1', 'subscription { count }'))))
    await until(() => test.live.operations.length === 1)
    raw.socket.write(rawFrame(textOf(subscribe('2'))).subarray(0, 9))
    raw.socket.destroy()
    await until(() => test.live.operations[0]?.isClosed() === true)
    expect(test.door.size).toBe(0)
  })
})

describe('upgrades that break the rules', () => {
  it.each([
    ['another version', { 'Sec-WebSocket-Version': '99' }, 'GET /graphql HTTP/1.1', '400'],
    ['no key', { 'Sec-WebSocket-Key': '' }, 'GET /graphql HTTP/1.1', '400'],
    ['a key that is none', { 'Sec-WebSocket-Key': 'x' }, 'GET /graphql HTTP/1.1', '400'],
    ['another method', {}, 'POST /graphql HTTP/1.1', '405'],
    ['another upgrade', { Upgrade: 'h2c' }, 'GET /graphql HTTP/1.1', '400'],
    ['a list of protocols that is none', { 'Sec-WebSocket-Protocol': 'a,,b' }, 'GET /graphql HTTP/1.1', '400'],
    ['a path that only begins alike', {}, 'GET /graphql/../other HTTP/1.1', '404'],
    ['an address in full', {}, 'GET http://evil.example/graphql HTTP/1.1', '404'],
  ])('%s is refused', async (_what, headers, first, status) => {
    const { status: answered, closeCode } = await openRawSocket(test.url, upgradeRequest(headers, first))
    expect(answered).toContain(status)
    await closeCode
    expect(test.door.size).toBe(0)
  })

  it('refused, are not kept half open by who sends on', async () => {
    const port = Number(new URL(test.url).port)
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.write(upgradeRequest({}, 'GET /other HTTP/1.1'))
    socket.resume()
    await once(socket, 'end')
    socket.on('error', () => undefined) // the reset that is waited for
    await until(() => {
      socket.write('.')
      return socket.destroyed
    })
  })

  it('never finished, take nobody a place', async () => {
    await reopen({ maxSockets: 1 })
    const port = Number(new URL(test.url).port)
    const slow = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'))
    for (const socket of slow) socket.write(upgradeRequest().slice(0, -2))
    await expectServed()
    expect(test.counted.opened).toBe(1)
    for (const socket of slow) socket.destroy()
    await until(() => test.door.size === 0)
  })

  it('followed by silence, or by a byte at a time, end where nobody says who it is', async () => {
    await reopen({ initTimeoutMs: 60 })
    const trickling = await openRawSocket(test.url)
    const bytes = [...rawFrame(textOf(`${JSON.stringify({ type: 'connection_init' })}${' '.repeat(100_000)}`))]
    const trickle = setInterval(() => trickling.socket.write(Buffer.from([bytes.shift() ?? 0])), 2)
    expect(await trickling.closeCode).toBe(4408)
    clearInterval(trickle)
    await until(() => test.door.size === 0)
  })
})

describe('floods', () => {
  it('of sockets from one address leave room for others', async () => {
    await reopen({ maxSocketsPerAddress: 5, maxSockets: 8 })
    const flood = await Promise.allSettled(
      Array.from({ length: 50 }, () => test.socket({ headers: { 'x-forwarded-for': '10.0.0.66' } })),
    )
    expect(flood.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
    await expectServed()
    expect(test.counted.opened).toBe(6)
  })

  it.each([
    ['messages', textOf({ type: 'ping' })],
    ['pings', { first: 0x89 }],
    ['operations', textOf({ id: 'x', type: 'complete' })],
  ])('of %s close with 1008, and their answers are bounded', async (_what, frame) => {
    await reopen({ maxMessagesPerSecond: 10 })
    const raw = await openRawSocket(test.url)
    raw.socket.write(rawFrame(init))
    raw.socket.write(Buffer.concat(Array.from({ length: 500 }, () => rawFrame(frame))))
    expect(await raw.closeCode).toBe(1008)
  })

  it('within what is allowed go on for ever', async () => {
    await reopen({ maxMessagesPerSecond: 1_000 })
    const client = await test.admitted()
    for (let count = 0; count < 3_000; count += 1) {
      client.send({ type: 'ping' })
      expect(await client.next()).toEqual({ type: 'pong' })
    }
  })

  it('of operations are refused one by one, with a trace id, the others unharmed', async () => {
    await reopen({ maxOperationsPerSocket: 2 })
    const client = await test.admitted()
    client.send(subscribe('1', 'subscription { count }'))
    client.send(subscribe('2', '{ hang }'))
    client.send(subscribe('3', 'subscription { count }'))
    expect(await client.next()).toMatchObject({
      id: '3',
      type: 'error',
      payload: [{ extensions: { code: 'RATE_LIMIT_EXCEEDED', traceId: expect.stringMatching(/^[0-9a-f]{32}$/) } }],
    })
    client.send({ id: '2', type: 'complete' })
    client.send(subscribe('4'))
    expect(await client.next()).toMatchObject({ id: '4', type: 'next' })
    expect(test.live.operations).toHaveLength(1)
  })

  it('of answers nobody reads end in a cut', async () => {
    await reopen({ maxBufferedBytes: 16_384 })
    const client = await test.admitted()
    client.socket.pause()
    for (let count = 0; count < 100; count += 1) {
      client.send(subscribe(String(count), '{ ping }', { variables: { say: '~'.repeat(60_000) } }))
    }
    await until(() => test.log().includes('cut off'))
    client.socket.resume()
    expect((await client.closed).code).toBe(1006)
    await until(() => test.door.size === 0)
  })
})

describe('content that is meant to harm', () => {
  it('is an id like any other', async () => {
    const client = await test.admitted()
    for (const id of ['__proto__', 'constructor', 'hasOwnProperty', '\u0000', '","type":"complete","x":"', '\ud800']) {
      client.send(subscribe(id))
      expect(await client.next()).toMatchObject({ id, type: 'next' })
      expect(await client.next()).toEqual({ id, type: 'complete' })
      client.send(subscribe(id, 'subscription { count }'))
      const before = test.live.operations.length
      await until(() => test.live.operations.length === before + 1)
      test.live.operations[before]?.sink.next({ head: Buffer.from('{"data":null}') }, '')
      expect(await client.next()).toEqual({ id, type: 'next', payload: { data: null } })
      client.send({ id, type: 'complete' })
    }
  })

  it('is JSON nested as deeply as a message can be', async () => {
    const client = await test.admitted()
    const nested = `${'['.repeat(500_000)}${']'.repeat(500_000)}`
    client.send(`{"id":"1","type":"subscribe","payload":{"query":"{ ping }","extensions":{"x":${nested}}}}`)
    expect(await client.next()).toMatchObject({ id: '1', type: 'next' })
  })

  it('says who somebody is in a place that is not believed', async () => {
    const client = await test.socket()
    const claims = { sub: 'eve', sid: 'one', principal: { userId: 'eve' }, caller: { authorization: 'Bearer eve' } }
    client.send({ type: 'connection_init', payload: { ...claims, authorization: 'Bearer ada/two' } })
    await client.next()
    client.send(
      subscribe('1', 'subscription { count }', {
        extensions: { ...claims, headers: { authorization: 'Bearer eve/one' } },
      }),
    )
    await until(() => test.live.operations.length === 1)
    test.endSession('one')
    expect(test.live.operations[0]?.request.caller.principal?.userId).toBe('ada')
    expect(test.live.operations[0]?.endings).toEqual([])
  })
})
