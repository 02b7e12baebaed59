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
  readonly #host: OperationHost
  readonly #opening: string
  #live: LiveOperation | null = null
  #hasEnded = false

  constructor(id: string, token: TokenInUse, host: OperationHost) {
    this.id = id
    this.token = token
    this.#host = host
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

  release(): void {
    this.#hasEnded = true
    this.#live?.close()
    this.#live = null
  }

  #end(): void {
    this.#hasEnded = true
    this.#live = null
    this.#host.forget(this)
  }
}
