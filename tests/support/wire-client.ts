import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { until } from './until.js'

/** A client that says exactly what it is told to, and keeps what it hears. */
export interface WireClient {
  readonly socket: Socket
  readonly heard: () => string
  readonly ended: () => boolean
  send(text: string): void
  /** Resolves with the bodies of the answers, as soon as there are so many; all of them must state their length. */
  bodies(count: number): Promise<readonly string[]>
}

export async function openWireClient(port: number): Promise<WireClient> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let [text, ended] = ['', false]
  socket.setEncoding('utf8')
  socket.on('data', (piece: string) => (text += piece))
  socket.on('error', () => (ended = true))
  socket.on('close', () => (ended = true))
  await once(socket, 'connect')
  return {
    socket,
    heard: () => text,
    ended: () => ended,
    send: (sent) => void socket.write(sent, 'latin1'),
    async bodies(count) {
      await until(() => bodiesOf(text).length >= count, 20_000)
      return bodiesOf(text)
    },
  }
}

function bodiesOf(text: string): string[] {
  const bodies: string[] = []
  for (let rest = text; rest !== '';) {
    const start = rest.indexOf('\r\n\r\n') + 4
    const length = Number(/^content-length: (\d+)\r$/im.exec(rest.slice(0, start))?.[1])
    if (start < 4 || !(rest.length >= start + length)) return bodies
    bodies.push(rest.slice(start, start + length))
    rest = rest.slice(start + length)
  }
  return bodies
}
