import { AppError } from '../../platform/errors/app-error.js'
import type { Cancellation } from './cancellation.js'
import type { ConnectionPool, Waiting } from './connection-pool.js'
import { decodeContent } from './content-encodings.js'
import type { HttpConnection } from './http-connection.js'
import { MalformedResponse, type ResponseHead } from './response-head.js'
import type { WireResponse } from './response-reader.js'

export interface Outgoing {
  /** The whole request, a character a byte, see requestText. */
  readonly text: string
  /** Whether it may be sent once more when a kept-alive connection turns out to have been closed. */
  readonly repeatable: boolean
  readonly timeoutMs: number
  readonly maxResponseBytes: number
  readonly cancellation: Cancellation
}

/** The client went away; nobody will read what this would have become. */
export class RequestAborted extends Error {
  constructor() {
    super('The client has gone.')
    this.name = 'RequestAborted'
  }
}

/** What becomes of an answer. Throwing fails the exchange. */
export type ReadAnswer<Answer> = (contentType: string, body: string, status: number) => Answer

/**
 * One request over a pool, and its answer. Rejects with SUBGRAPH_TIMEOUT (waiting for a connection counts), SUBGRAPH_BAD_RESPONSE
 * (not HTTP/1.1, or too large), SUBGRAPH_UNAVAILABLE (the connection failed), RequestAborted, or what `read` throws.
 */
export function exchange<Answer>(pool: ConnectionPool, outgoing: Outgoing, read: ReadAnswer<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (outgoing.cancellation.cancelled) return reject(new RequestAborted())
    pool.assign(new Exchange(pool, outgoing, read, resolve, reject))
  })
}

class Exchange<Answer> implements Waiting {
  readonly text: string
  readonly maxResponseBytes: number
  settled = false
  #connection: HttpConnection | null = null
  #isRepeated = false
  readonly #pool: ConnectionPool
  readonly #outgoing: Outgoing
  readonly #read: ReadAnswer<Answer>
  readonly #resolve: (answer: Answer) => void
  readonly #reject: (error: unknown) => void
  readonly #timer: NodeJS.Timeout
  readonly #onCancel = (): void => this.#give(new RequestAborted())

  constructor(
    pool: ConnectionPool,
    outgoing: Outgoing,
    read: ReadAnswer<Answer>,
    resolve: (answer: Answer) => void,
    reject: (error: unknown) => void,
  ) {
    this.text = outgoing.text
    this.maxResponseBytes = outgoing.maxResponseBytes
    this.#pool = pool
    this.#outgoing = outgoing
    this.#read = read
    this.#resolve = resolve
    this.#reject = reject
    this.#timer = setTimeout(() => this.#give(new AppError('SUBGRAPH_TIMEOUT')), outgoing.timeoutMs)
    outgoing.cancellation.onCancel(this.#onCancel)
  }

  onConnection(connection: HttpConnection): void {
    this.#connection = connection
  }

  onResponse({ head, body }: WireResponse): void {
    this.#connection = null // it may carry another by now
    if (typeof body === 'string') return this.#answer(head, body)
    decodeContent(body, head.contentEncoding, this.maxResponseBytes).then(
      (text) => this.#answer(head, text),
      (error: Error) => this.onFault(error, false),
    )
  }

  /** A server may close an idle connection in the moment we use it: that alone is tried again, and on a new one. */
  onFault(fault: Error, unanswered: boolean): void {
    this.#connection = null
    if (this.settled) return
    if (unanswered && this.#outgoing.repeatable && !this.#isRepeated) {
      this.#isRepeated = true
      return this.#pool.assign(this, true)
    }
    const code = fault instanceof MalformedResponse ? 'SUBGRAPH_BAD_RESPONSE' : 'SUBGRAPH_UNAVAILABLE'
    this.#give(new AppError(code, { cause: fault }))
  }

  #answer({ contentType, status }: ResponseHead, body: string): void {
    if (this.settled) return
    this.#settle()
    try {
      this.#resolve(this.#read(contentType, body, status))
    } catch (error) {
      this.#reject(error)
    }
  }

  #give(fault: Error): void {
    if (this.settled) return
    this.#settle()
    this.#reject(fault)
    this.#connection?.destroy(fault)
  }

  #settle(): void {
    this.settled = true
    clearTimeout(this.#timer)
    this.#outgoing.cancellation.offCancel(this.#onCancel)
  }
}
