import { once } from 'node:events'
import type { Socket } from 'node:net'
import { MOVED } from '../../tests/support/moving-things.js'
import { createFrameReader } from './frame-reader.js'
import { createSseReader } from './sse-reader.js'
import { TOPICS } from './topics.js'

export const ways = ['websocket', 'sse'] as const
/** How clients come. */
export type Way = (typeof ways)[number]

/** Told of each event where its text begins in a buffer. */
export type OnText = (buffer: Buffer, start: number) => void

const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0])
const MASK = Buffer.alloc(4) // zero: the payload stands as it is

/** Has a connected socket follow the topic of its number. Resolves with the socket when it is accepted; throws when it is not. */
export const openStream: Readonly<Record<Way, (socket: Socket, number: number, onText: OnText) => Promise<Socket>>> = {
  async websocket(socket, number, onText) {
    socket.write(
      'GET /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n' +
        'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n',
    )
    await answered(socket, 'HTTP/1.1 101 ')
    socket.write(frameOf({ type: 'connection_init' }))
    await answered(socket, 'connection_ack')
    socket.write(frameOf({ id: '1', type: 'subscribe', payload: payloadOf(number) }))
    return socket.on(
      'data',
      createFrameReader(onText, () => void socket.write(PONG)),
    )
  },
  async sse(socket, number, onText) {
    const body = JSON.stringify(payloadOf(number))
    socket.write(
      'POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\ncontent-type: application/json\r\n' +
        `content-length: ${body.length}\r\n\r\n${body}`,
    )
    const read = createSseReader(onText)
    read(await answered(socket, 'HTTP/1.1 200 '))
    return socket.on('data', read)
  },
}

const payloadOf = (number: number) => ({ query: MOVED, variables: { topic: String(number % TOPICS) } })

async function answered(socket: Socket, expected: string): Promise<Buffer> {
  const [answer] = await once(socket, 'data')
  if (!Buffer.isBuffer(answer) || !answer.includes(expected)) {
    throw new Error(`not ${expected.trim()}: ${String(answer).slice(0, 200)}`)
  }
  return answer
}

function frameOf(message: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(message))
  const head =
    text.length < 126
      ? Buffer.from([0x81, 0x80 | text.length])
      : Buffer.from([0x81, 0x80 | 126, text.length >> 8, text.length & 255])
  return Buffer.concat([head, MASK, text])
}
