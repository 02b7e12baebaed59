import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { WebSocketServer, type WebSocket } from 'ws'
import { createLogger } from '../../../platform/log/logger.js'
import { until } from '../../../tests/support/until.js'
import { streamLimits } from '../subscription-settings.js'
import { openRawSocket, type RawSocket } from './fixtures/raw-socket.js'
import { webSocketTimes } from './websocket-limits.js'
import { WebSocketWire } from './websocket-wire.js'

const limits = { ...streamLimits.parse({}), ...webSocketTimes, maxBufferedBytes: 16_384, drainMs: 0 }
const DEAD_TICKS = limits.deadAfterMs / limits.tickMs
const logger = createLogger({ service: 'test', level: 'silent' })
const large = Buffer.alloc(65_536, '~')

let server: WebSocketServer
let client: RawSocket
let socket: WebSocket
let connection: Socket
let wire: WebSocketWire
let tick: number

const wireWith = (maxBufferedBytes: number) =>
  new WebSocketWire(socket, connection, { limits: { ...limits, maxBufferedBytes }, logger, ticks: () => tick }, 0)

beforeEach(async () => {
  tick = 0
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false })
  server.once('connection', (opened, request) => {
    socket = opened
    connection = request.socket
    wire = wireWith(limits.maxBufferedBytes)
  })
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  client = await openRawSocket(`ws://127.0.0.1:${address.port}/`)
  client.socket.pause()
})
afterEach(async () => {
  client.socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})

/** Until the kernel takes no more, and more waits than may. */
const fill = () => {
  while (wire.sendParts('', large, '')) continue
}
const taken = () => connection.bytesWritten - connection.writableLength
/** Until one more of the writes that wait has gone. */
async function takeSome(): Promise<void> {
  for (const before = taken(); taken() === before; await setImmediate()) client.socket.read()
}
const beatAt = (at: number) => {
  tick = at
  wire.beat(at)
}

describe('a client that has much to read', () => {
  it('is not cut off as long as it takes some of it', async () => {
    wire = wireWith(4_194_304)
    const say = '~'.repeat(8_388_608) // more than the kernel takes at once
    fill()
    for (let round = 1; round <= 3; round += 1) {
      wire.send({ say }) // stands behind the one that is under way
      beatAt(round * DEAD_TICKS - 1)
      await takeSome()
      expect(connection.writableNeedDrain).toBe(true)
      beatAt(round * DEAD_TICKS)
    }
    expect(socket.readyState).toBe(socket.OPEN)
  })

  it('is cut off when it takes nothing for a minute', async () => {
    fill()
    beatAt(DEAD_TICKS - 1)
    wire.heard()
    expect(socket.readyState).toBe(socket.OPEN)
    beatAt(DEAD_TICKS)
    client.socket.resume()
    expect(await client.closeCode).toBe(1006)
  })
})

describe('pings of a client that does not read', () => {
  it('fill no more than may wait, and keep nobody alive', async () => {
    const ping = Buffer.alloc(125)
    while (connection.writableLength === 0) wire.pong(ping)
    for (let count = 0; count < 10_000; count += 1) wire.pong(ping)
    expect(connection.writableLength).toBeLessThan(2 * limits.maxBufferedBytes)
    tick = DEAD_TICKS
    wire.heard()
    wire.beat(DEAD_TICKS)
    client.socket.resume()
    expect(await client.closeCode).toBe(1006)
  })

  it('are answered once it reads: the newest of them', async () => {
    let last = Buffer.alloc(0)
    client.socket.on('data', (data: Buffer) => (last = Buffer.concat([last, data]).subarray(-5)))
    client.socket.pause()
    fill()
    const waiting = connection.writableLength
    for (const ping of ['one', 'two', 'ten']) wire.pong(Buffer.from(ping))
    expect(connection.writableLength).toBe(waiting)
    client.socket.resume()
    await until(() => last.equals(Buffer.from('\x8a\x03ten', 'latin1'))) // RFC 6455, section 5.2
  })
})
