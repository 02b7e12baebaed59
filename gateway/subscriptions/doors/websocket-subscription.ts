import { MessageType } from 'graphql-ws'
import type { GraphQLFormattedError } from 'graphql'
import type { ErrorCode } from '../../../platform/errors/error-codes.js'
import { withRequestContext } from '../../../platform/log/request-context.js'
import type { LiveMessage, LiveOperation, LiveRequest, LiveSink, OpenLive } from '../live/live-operation.js'
import type { OperationHost, SocketOperation } from './socket-operation.js'
import type { TokenInUse } from './token-in-use.js'
import { asciiJson } from './websocket-frame.js'

/**
 * A subscription on a WebSocket: frames what the hub gives it. A class, so that ten thousand of them cost their fields and
 * not a closure a method.
 */
export class WebSocketSubscription implements LiveSink, SocketOperation {
  readonly id: string
  readonly token: TokenInUse
  readonly begun?: (cursor: string) => void
  readonly #host: OperationHost
  readonly #opening: string
  #live: LiveOperation | null = null
  #hasEnded = false

  /** `beginning`: what the client calls the place where it begins; null where it does not ask for it. */
  constructor(id: string, token: TokenInUse, host: OperationHost, beginning: string | null) {
    this.id = id
    this.token = token
    this.#host = host
    if (beginning !== null) {
      this.begun = (cursor) => host.send({ type: MessageType.Ping, payload: { beginning, cursor } })
    }
    this.#opening = `{"id":${asciiJson(id)},"type":"next","payload":`
  }

  open(openLive: OpenLive, request: LiveRequest): void {
    const live = withRequestContext(request.ids, () => openLive(request, this), 'for good')
    if (!this.#hasEnded) this.#live = live
  }

  next({ head }: LiveMessage, tail: string): boolean {
    const reads = this.#host.sendParts(this.#opening, head, `${tail}}`)
    if (!reads) this.#host.whenRead(() => this.#live?.drained())
    return reads
  }

  error(errors: readonly GraphQLFormattedError[]): void {
    this.#end()
    this.#host.send({ id: this.id, type: MessageType.Error, payload: errors })
  }

  complete(): void {
    this.#end()
    this.#host.send({ id: this.id, type: MessageType.Complete })
  }

  tokenEnded(code: ErrorCode): void {
    this.#live?.end(code)
  }

  renewed(): void {
    this.#live?.renew(this.token.caller)
  }

  release(why?: 'client' | 'shutdown'): void {
    this.#hasEnded = true
    this.#live?.close(why)
    this.#live = null
  }

  #end(): void {
    this.#hasEnded = true
    this.#live = null
    this.#host.forget(this)
  }
}
