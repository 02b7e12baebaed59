import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { until } from '../../../tests/support/until.js'
import { messageAt, TAIL } from './fixtures/scripted-live.js'
import { openStreamClient, type StreamClient } from './fixtures/stream-client.js'
import { HttpStream, MAXIMUM_SILENT_BEATS } from './http-stream.js'
import { sseFraming } from './sse-framing.js'

let server: Server
let stream: HttpStream
let client: StreamClient

beforeEach(async () => {
  server = createServer((_req, response) => {
    const caller = { principal: null, authorization: null, address: null }
    const ids = { requestId: 'r', traceId: 't' }
    stream = new HttpStream({ response, framing: sseFraming, caller, ids, maxBufferedBytes: 16_384 })
    stream.open()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  client = await openStreamClient(`http://127.0.0.1:${address.port}/`, {})
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const message = messageAt(1, { text: '~'.repeat(65_536) })
/** Until it is held back: the kernel takes no more, and a bounded rest waits. */
const fill = () => {
  while (stream.next(message, TAIL)) continue
}
const beats = (count: number) => {
  for (let beat = 0; beat < count; beat += 1) stream.beat()
}

describe('a stream whose client is slow', () => {
  it('is not cut as long as the client takes something between heartbeats', async () => {
    let drains = 0
    const unused = (): void => undefined
    stream.attach({ drained: () => void (drains += 1), renew: unused, end: unused, close: unused })
    for (let round = 1; round <= 3; round += 1) {
      client.pause()
      fill()
      beats(MAXIMUM_SILENT_BEATS - 1)
      client.resume()
      await until(() => drains === round)
    }
    stream.complete()
    expect(await client.ended).toBe('complete')
  })

  it('is cut when it takes nothing for so many heartbeats', async () => {
    client.pause()
    fill()
    beats(MAXIMUM_SILENT_BEATS + 1)
    client.resume()
    expect(await client.ended).toBe('cut')
  })
})
