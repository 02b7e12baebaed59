import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { summarise, type LoadResult } from '../load.js'
import { createMessageReader } from './wire.js'

export interface WireLoadOptions {
  readonly port: number
  /** The query's text. */
  readonly query: string
  readonly connections: number
  /** Ends when either is reached. */
  readonly durationMs: number
  readonly maximumRequests?: number
  /** Judges the first answer; every later one must be the same, byte for byte. */
  readonly check: (answer: string) => void
}

let requestNumber = 0 // over all runs: no two requests carry the same authorization

/** A closed loop over raw sockets. Rejects with the first wrong answer. */
export async function runWireLoad(options: WireLoadOptions): Promise<LoadResult> {
  const { port, connections, durationMs, maximumRequests = Infinity, check } = options
  const body = JSON.stringify({ query: options.query })
  const head = `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\naccept: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nauthorization: Bearer bench-`
  const samples: number[] = []
  const started = performance.now()
  let sent = 0
  let expected: Buffer | undefined

  const work = (socket: Socket): Promise<void> =>
    new Promise((resolve, reject) => {
      let before = 0
      const send = (): void => {
        if (sent >= maximumRequests || performance.now() - started >= durationMs) return resolve()
        sent += 1
        before = performance.now()
        socket.write(`${head}${(requestNumber += 1)}\r\n\r\n${body}`, 'latin1')
      }
      const read = createMessageReader(({ head, body }) => {
        samples.push(performance.now() - before)
        try {
          if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`not the expected answer: ${head}\n${body.toString()}`)
          if (expected === undefined) {
            check(body.toString())
            expected = Buffer.from(body)
          } else if (!expected.equals(body))
            throw new Error(`not the expected answer: ${body.toString().slice(0, 500)}`)
          send()
        } catch (error) {
          reject(error)
        }
      })
      socket.on('data', read)
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('the connection was closed')))
      send()
    })

  const sockets = await Promise.all(Array.from({ length: connections }, () => openSocket(port)))
  try {
    await Promise.all(sockets.map(work))
    return summarise(samples, performance.now() - started)
  } finally {
    for (const socket of sockets) socket.destroy()
  }
}

async function openSocket(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  return socket
}
