import type { Dispatcher, Pool } from 'undici'
import { AppError } from '../../platform/errors/app-error.js'
import type { Cancellation } from './cancellation.js'

export interface Outgoing {
  readonly path: string
  /** Names and values in turn, as undici takes them without copying. */
  readonly headers: string[]
  readonly body: string
  readonly timeoutMs: number
  readonly maxResponseBytes: number
  readonly cancellation: Cancellation
}

export interface Incoming {
  readonly contentType: string
  readonly body: string
}

/** The client went away; nobody will read what this would have become. */
export class RequestAborted extends Error {
  constructor() {
    super('The client has gone.')
    this.name = 'RequestAborted'
  }
}

/**
 * One POST over a pool, through undici's dispatch: no streams and no promises between the socket and the text. Rejects with
 * SUBGRAPH_TIMEOUT, SUBGRAPH_BAD_RESPONSE (too large), SUBGRAPH_UNAVAILABLE (the connection failed), RequestAborted.
 */
export function exchange(pool: Pool, outgoing: Outgoing): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    if (outgoing.cancellation.cancelled) return reject(new RequestAborted())
    pool.dispatch(
      {
        method: 'POST',
        path: outgoing.path,
        headers: outgoing.headers,
        body: outgoing.body,
        headersTimeout: 0, // one timer for the whole exchange stands in place of two
        bodyTimeout: 0,
      },
      new ExchangeHandler(outgoing, resolve, reject),
    )
  })
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | undefined
  #fault: Error | undefined
  #contentType = ''
  #chunks: Buffer[] = []
  #size = 0
  readonly #outgoing: Outgoing
  readonly #resolve: (incoming: Incoming) => void
  readonly #reject: (error: Error) => void
  readonly #timer: NodeJS.Timeout
  readonly #onCancel = (): void => this.#give(new RequestAborted())

  constructor(outgoing: Outgoing, resolve: (incoming: Incoming) => void, reject: (error: Error) => void) {
    this.#outgoing = outgoing
    this.#resolve = resolve
    this.#reject = reject
    this.#timer = setTimeout(() => this.#give(new AppError('SUBGRAPH_TIMEOUT')), outgoing.timeoutMs)
    outgoing.cancellation.onCancel(this.#onCancel)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#fault !== undefined) controller.abort(this.#fault)
  }

  onResponseStart(_controller: Dispatcher.DispatchController, _status: number, headers: Record<string, unknown>): void {
    const type = headers['content-type']
    if (typeof type === 'string') this.#contentType = type
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size <= this.#outgoing.maxResponseBytes) this.#chunks.push(chunk)
    else this.#give(new AppError('SUBGRAPH_BAD_RESPONSE', { cause: new Error('the body is too large') }))
  }

  onResponseEnd(): void {
    this.#settle()
    const [only] = this.#chunks
    const bytes = only !== undefined && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks, this.#size)
    this.#resolve({ contentType: this.#contentType, body: bytes.toString('utf8') })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settle()
    this.#reject(this.#fault ?? new AppError('SUBGRAPH_UNAVAILABLE', { cause: error }))
  }

  /** Settles at once, also while undici still waits for a connection, and takes the request back from it. */
  #give(fault: Error): void {
    this.#fault ??= fault
    this.#settle()
    this.#reject(this.#fault)
    this.#controller?.abort(this.#fault)
  }

  #settle(): void {
    clearTimeout(this.#timer)
    this.#outgoing.cancellation.offCancel(this.#onCancel)
  }
}
