import type { Socket } from 'node:net'
import { Departure } from '../subgraph-client/cancellation.js'
import { GrowingBytes } from './growing-bytes.js'
import { LentSocket } from './lent-socket.js'
import type { AnswerPlain, PlainAnswer, PlainQuestion } from './plain-answer.js'
import { plainAnswerType } from './plain-answer.js'
import type { PlainHeaders, ReadRequestHead, RequestHead } from './request-head.js'

/** What connections share: how to read, answer and write, and where to go with what is not plain. */
export interface PlainConnectionHost {
  readonly readHead: ReadRequestHead
  readonly answer: AnswerPlain
  readonly addressOf: (request: { readonly socket: Socket; readonly headers: PlainHeaders }) => string | null
  /** Writes a whole answer at once, and whether it is the connection's last. Tells whether more may be written yet. */
  readonly write: (socket: Socket, answer: PlainAnswer, origin: string | undefined) => boolean
  /** Whether no request is to follow the one that is being answered. */
  readonly closing: boolean
  /** Sweeps so far: the time connections go by. */
  readonly now: number
  /** Gives node:http a connection that stands between two requests. */
  readonly pass: (connection: Socket | LentSocket) => void
  readonly forget: (connection: PlainConnection) => void
}

/** In sweeps. */
export interface Patience {
  /** With a connection that waits for its next request. */
  readonly idle: number
  /** With a request that is not whole, and with a first one that does not come: then node:http waits, by its own limits. */
  readonly incomplete: number
}

const MOST_AHEAD = 64 * 1_024 // bytes behind the request that is being answered: then they wait in the system's buffers
/** What Node answers to a message that is not whole. */
const BAD_REQUEST = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'

/**
 * A client's connection. Plain requests that come over it are answered here, others that are simple by node:http, which is lent
 * the connection for each; all one after the other. With the first that is neither, the connection goes to node:http for good,
 * with every byte that has not been answered.
 */
export class PlainConnection {
  readonly #socket: Socket
  readonly #host: PlainConnectionHost
  /** From the start of the request that is being answered or awaited. */
  readonly #bytes = new GrowingBytes()
  #head: RequestHead | undefined
  #lent: LentSocket | null = null
  #departure: Departure | null = null
  #isBlocked = false
  #isOver = false
  #served = 0
  #since: number

  constructor(socket: Socket, host: PlainConnectionHost) {
    this.#socket = socket
    this.#host = host
    this.#since = host.now
    socket.on('data', this.#onData)
    socket.on('drain', this.#onDrain)
    socket.on('end', this.#onEnd)
    socket.on('error', ignore) // it closes
    socket.on('close', this.#onClose)
  }

  /** To be called with every sweep. */
  keepTime({ idle, incomplete }: Patience): void {
    if (this.#isBusy || this.#isOver) return
    const age = this.#host.now - this.#since
    if (this.#served > 0 && this.#bytes.size === 0) {
      if (age > idle) this.#socket.destroy()
    } else if (age > incomplete) this.#handOver()
  }

  /** Closes it where nothing is under way; what is comes to its end, and to the client's knowledge as the last. */
  drain(): void {
    if (!this.#isBusy && this.#served > 0 && this.#bytes.size === 0) this.#socket.destroy()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  get #isBusy(): boolean {
    return this.#departure !== null || this.#isBlocked || this.#lent?.isLent === true
  }

  readonly #onData = (piece: Buffer): void => {
    if (this.#bytes.size === 0) this.#since = this.#host.now
    this.#bytes.add(piece)
    if (!this.#isBusy) this.#advance()
    else if (this.#bytes.size - (this.#head?.end ?? 0) > MOST_AHEAD) this.#socket.pause()
  }

  readonly #onDrain = (): void => {
    if (!this.#isBlocked) return
    this.#isBlocked = false
    if (this.#host.closing) this.drain()
    this.#goOn()
  }

  /** Who half closes has left, as with node:http. */
  readonly #onEnd = (): void => {
    const isCut = !this.#isBusy && this.#bytes.size > 0
    this.#isOver = true
    this.#socket.end(isCut ? BAD_REQUEST : '')
  }

  readonly #onClose = (): void => {
    this.#isOver = true
    this.#host.forget(this)
    this.#departure?.leave()
    this.#lent?.destroy()
  }

  #goOn(): void {
    if (this.#socket.isPaused()) this.#socket.resume()
    this.#advance()
  }

  /** Answers whole requests as long as none of them has to be waited for. */
  #advance(): void {
    while (!this.#isBusy && !this.#isOver && this.#bytes.size > 0) {
      if (this.#head !== undefined && this.#bytes.size < this.#head.end) return
      const bytes = this.#bytes.view()
      const head = this.#head ?? this.#host.readHead(bytes)
      if (head === undefined) return
      if (head === null) return this.#handOver()
      this.#head = head
      if (bytes.length < head.end) return
      const type = head.isPlain ? plainAnswerType(head.headers) : null
      if (type === null) this.#lend(head)
      else this.#ask(head, type, bytes.subarray(head.bodyStart, head.end))
    }
  }

  #ask({ headers }: RequestHead, type: PlainQuestion['type'], body: Buffer): void {
    const address = this.#host.addressOf({ socket: this.#socket, headers })
    const departure = new Departure()
    const answer = this.#host.answer({ type, headers, body, address, departure })
    if (!(answer instanceof Promise)) return this.#finish(answer)
    this.#departure = departure
    answer.then(this.#onAnswer, this.#onFault)
  }

  readonly #onAnswer = (answer: PlainAnswer | null): void => {
    this.#departure = null
    this.#finish(answer)
    if (!this.#isBusy && !this.#isOver) this.#goOn()
  }

  readonly #onFault = (): void => void this.#socket.destroy()

  #finish(answer: PlainAnswer | null): void {
    const head = this.#head
    if (this.#isOver || head === undefined) return
    if (answer === null) return this.#lend(head)
    this.#isBlocked = !this.#host.write(this.#socket, answer, head.headers['origin'])
    this.#answered(head)
  }

  #answered({ end }: RequestHead): void {
    this.#head = undefined
    this.#bytes.drop(end)
    this.#served += 1
    this.#since = this.#host.now
    if (!this.#host.closing) return
    this.#isOver = true
    this.#socket.destroySoon()
  }

  /** An answer that goes on is not for a connection that is taken back: what is closed by half, or read slowly, matters to it. */
  #lend(head: RequestHead): void {
    if (mayGoOn(head.headers)) return this.#handOver()
    if (this.#lent === null || this.#lent.destroyed) {
      this.#lent = new LentSocket(this.#socket, this.#onReturn)
      this.#host.pass(this.#lent)
    }
    this.#lent.lend(this.#bytes.view().subarray(0, head.end))
  }

  readonly #onReturn = (): void => {
    if (!this.#socket.writable) this.#isOver = true // node:http has closed it
    if (this.#isOver || this.#head === undefined) return
    this.#answered(this.#head)
    if (!this.#isOver) this.#goOn()
  }

  #handOver(): void {
    const socket = this.#socket
    this.#isOver = true
    this.#host.forget(this)
    this.#lent?.destroy()
    socket.off('data', this.#onData)
    socket.off('drain', this.#onDrain)
    socket.off('end', this.#onEnd)
    socket.off('close', this.#onClose)
    socket.pause() // so that what is put back comes first, and not before somebody listens
    if (this.#bytes.size > 0) socket.unshift(this.#bytes.view())
    this.#host.pass(socket)
    socket.off('error', ignore)
    socket.resume()
  }
}

const STREAMED = ['text/event-stream', 'multipart/mixed']

function mayGoOn({ accept }: PlainHeaders): boolean {
  return accept !== undefined && STREAMED.some((type) => accept.includes(type))
}

function ignore(): void {
  // whatever it is, the connection closes, and that is told
}
