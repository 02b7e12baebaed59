import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { GraphQLFormattedError } from 'graphql'
import type { RequestContext } from '../../../platform/log/request-context.js'
import { gatewayError } from '../../gateway-error.js'
import type { Caller } from '../../gateway-request.js'
import type { LiveMessage, LiveOperation, LiveSink } from '../live/live-operation.js'
import type { Movable } from './send-elsewhere.js'
import type { StreamFraming } from './stream-framing.js'
import type { TokenHolder, TokenInUse } from './token-in-use.js'

export interface HttpStreamOptions {
  readonly response: ServerResponse
  readonly framing: StreamFraming
  readonly caller: Caller
  readonly ids: RequestContext
  /** What may wait to be sent before the client counts as slow. */
  readonly maxBufferedBytes: number
}

export const MAXIMUM_SILENT_BEATS = 4 // a minute of beats: a client that took nothing for so long is gone

/** One answer that goes on, as its receiver's end of a subscription: frames what it is given and holds back when it must. */
export class HttpStream implements LiveSink, TokenHolder, Movable {
  readonly caller: Caller
  readonly framing: StreamFraming
  readonly #ids: RequestContext
  readonly #maxBufferedBytes: number
  readonly #response: ServerResponse
  readonly #socket: Socket
  #operation: LiveOperation | null = null
  #began = false
  #isWaiting = false
  #silentBeats = 0
  #taken = 0

  constructor({ response, framing, caller, ids, maxBufferedBytes }: HttpStreamOptions) {
    const { socket } = response.req
    this.caller = caller
    this.framing = framing
    this.#ids = ids
    this.#maxBufferedBytes = maxBufferedBytes
    this.#response = response
    this.#socket = socket
    response.once('close', () => this.#operation?.close())
  }

  /** Begins the answer. */
  open(): void {
    const { framing } = this
    this.#response.writeHead(200, {
      'content-type': framing.contentType,
      'cache-control': 'no-store, no-transform', // who packs an answer waits until it has enough of it
      'x-accel-buffering': 'no', // the same, for nginx
    })
    this.#response.write(framing.opening)
  }

  /** Called once, when nothing more goes to the client. */
  onClose(listener: () => void): void {
    this.#response.once('close', listener)
  }

  begun(cursor: string): void {
    const note = this.framing.beginning(cursor)
    if (note !== '' && !this.#response.writableEnded) this.#response.write(note)
  }

  /** What runs for it; closed when the client leaves. */
  attach(operation: LiveOperation): void {
    if (this.#response.writableEnded || this.#response.destroyed) operation.close()
    else this.#operation = operation
  }

  next(message: LiveMessage, tail: string): boolean {
    if (this.#response.writableEnded) return true
    const { shared, ending } = this.framing.framed(message)
    this.#socket.cork() // one write, and one chunk, for both
    this.#response.cork()
    this.#response.write(shared)
    this.#response.write(ending(tail))
    this.#response.uncork()
    this.#socket.uncork()
    this.#began = true
    return this.#keepsUp()
  }

  error(errors: readonly GraphQLFormattedError[]): void {
    this.#operation = null
    this.#response.end(this.framing.failure(errors, this.#began))
  }

  complete(): void {
    this.#operation = null
    this.#response.end(this.framing.completion)
  }

  /** Something of the protocol that is for this client alone. */
  write(text: string): void {
    this.#response.write(text)
    this.#began = true
  }

  /** What is no subscription ends by itself. */
  tokenEnded({ ended }: TokenInUse): void {
    if (ended !== null) this.#operation?.end(ended)
  }

  /** To be called every quarter of a minute: keeps the way open through proxies, and ends it where nobody is left. */
  beat(): void {
    if (!this.#socket.writableNeedDrain && !this.#response.writableEnded) {
      this.#silentBeats = 0
      this.#response.write(this.framing.heartbeat)
      return
    }
    const taken = this.#socket.bytesWritten - this.#socket.writableLength
    this.#silentBeats = taken === this.#taken ? this.#silentBeats + 1 : 0 // slow is not gone
    this.#taken = taken
    if (this.#silentBeats >= MAXIMUM_SILENT_BEATS) this.#response.destroy()
  }

  /** The last word of a gateway that stops. */
  sendElsewhere(retryMs: number): void {
    const operation = this.#operation
    if (operation === null) return // an answer that is not a subscription's ends by itself
    this.#operation = null
    operation.close('shutdown')
    const retryAfterSeconds = Math.ceil(retryMs / 1_000)
    const error = gatewayError('SUBSCRIPTION_UNAVAILABLE', this.#ids, { retryAfterSeconds }).toJSON()
    this.#response.end(this.framing.goodbye(retryMs, error))
  }

  /** Ends the connection, whatever is still to be sent. */
  destroy(): void {
    this.#response.destroy()
  }

  #keepsUp(): boolean {
    const { writableNeedDrain, writableLength } = this.#socket
    if (!writableNeedDrain || writableLength <= this.#maxBufferedBytes) return true
    if (this.#isWaiting) return false
    this.#isWaiting = true
    this.#socket.once('drain', () => {
      this.#isWaiting = false
      this.#operation?.drained()
    })
    return false
  }
}
