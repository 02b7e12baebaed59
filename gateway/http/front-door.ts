/**
 * The way in ahead of node:http, on the same port. In: connections. Out: the answers to plain requests, written over the
 * connection they came by. It refuses to interpret HTTP beyond that: node:http is lent the connection for a request that is
 * clearly framed and not plain, and given it for good, with all bytes not answered, for whatever is odd, slow or goes on.
 */
import { STATUS_CODES, type Server } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionDoor } from '../../platform/service/http-service.js'
import { LentSocket } from './lent-socket.js'
import { LONGEST_PLAIN_BODY, type AnswerPlain, type PlainAnswer } from './plain-answer.js'
import { PlainConnection, type Patience, type PlainConnectionHost } from './plain-connection.js'
import { createRequestHeadReader } from './request-head.js'

export interface FrontDoorOptions {
  readonly path: string
  readonly answer: AnswerPlain
  readonly addressOf: PlainConnectionHost['addressOf']
  /** On every answer to a request from this origin; names and values in turn. One list an origin, the same every time. */
  readonly headersFor: (origin: string | undefined) => readonly string[]
  /** How often connections are looked at; a second unless given. */
  readonly sweepMs?: number
  /** How long a request may take to come before node:http waits for the rest; five seconds unless given. */
  readonly incompleteMs?: number
}

const SWEEP_MS = 1_000
const INCOMPLETE_MS = 5_000 // node:http has a minute for a head, and five for a body
const CLOSED_LATER_MS = 1_000 // than told, as on node:http: a request may be on its way

/** `pass` hands a connection to `server`, whose times for idle connections are kept to. */
export function createFrontDoor(
  options: FrontDoorOptions,
  server: Pick<Server, 'keepAliveTimeout' | 'on'>,
  pass: PlainConnectionHost['pass'],
): ConnectionDoor {
  const { sweepMs = SWEEP_MS, incompleteMs = INCOMPLETE_MS, headersFor } = options
  const connections = new Set<PlainConnection>()
  const writeAnswer = createAnswerWriter(server.keepAliveTimeout)
  const patience: Patience = {
    idle: (server.keepAliveTimeout + CLOSED_LATER_MS) / sweepMs,
    incomplete: incompleteMs / sweepMs,
  }
  const host = {
    readHead: createRequestHeadReader(options.path, LONGEST_PLAIN_BODY),
    answer: options.answer,
    addressOf: options.addressOf,
    write: (socket: Socket, answer: PlainAnswer, origin: string | undefined) =>
      writeAnswer(socket, answer, headersFor(origin), host.closing),
    closing: false,
    now: 0,
    pass,
    forget: (connection: PlainConnection) => void connections.delete(connection),
  }
  server.on('request', ({ socket }, response) => {
    if (socket instanceof LentSocket) response.once('close', () => socket.giveBack())
  })
  let timer: NodeJS.Timeout | null = null
  const sweep = (): void => {
    host.now += 1
    for (const connection of connections) connection.keepTime(patience)
    timer = connections.size > 0 ? setTimeout(sweep, sweepMs).unref() : null
  }
  return {
    get size() {
      return connections.size
    },
    take(socket) {
      connections.add(new PlainConnection(socket, host))
      timer ??= setTimeout(sweep, sweepMs).unref()
    },
    drain() {
      host.closing = true
      for (const connection of connections) connection.drain()
    },
    destroy() {
      for (const connection of connections) connection.destroy()
    },
  }
}

type WriteAnswer = (socket: Socket, answer: PlainAnswer, headers: readonly string[], isLast: boolean) => boolean

/** Head and body in one write. */
function createAnswerWriter(keepAliveTimeoutMs: number): WriteAnswer {
  const lines = new WeakMap<readonly string[], string>()
  const kept = `connection: keep-alive\r\nkeep-alive: timeout=${Math.floor(keepAliveTimeoutMs / 1_000)}\r\n\r\n`
  const linesOf = (headers: readonly string[]): string => {
    const known = lines.get(headers)
    if (known !== undefined) return known
    const text = headers.map((part, index) => (index % 2 === 0 ? `${part}: ` : `${part}\r\n`)).join('')
    lines.set(headers, text)
    return text
  }
  return (socket, { status, contentType, requestId, json }, headers, isLast) => {
    const length = Buffer.byteLength(json)
    const own = `x-request-id: ${requestId}\r\ncontent-type: ${contentType}\r\ncontent-length: ${length}\r\n`
    const end = isLast ? 'connection: close\r\n\r\n' : kept
    const head = `HTTP/1.1 ${statusLine(status)}${own}cache-control: no-store\r\n${linesOf(headers)}${dateLine()}${end}`
    return socket.write(head + json, length === json.length ? 'latin1' : 'utf8') // all of ASCII, if no longer than its characters
  }
}

function statusLine(status: number): string {
  return status === 200 ? '200 OK\r\n' : `${status} ${STATUS_CODES[status] ?? ''}\r\n`
}

let dated = 0
let date = ''

/** It tells seconds, and is made once in each. */
function dateLine(): string {
  const second = Math.floor(Date.now() / 1_000)
  if (second !== dated) {
    dated = second
    date = `date: ${new Date(second * 1_000).toUTCString()}\r\n`
  }
  return date
}
