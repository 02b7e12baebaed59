import { OperationTypeNode } from 'graphql'
import { MessageType, type SubscribeMessage } from 'graphql-ws'
import { AppError } from '../../../platform/errors/app-error.js'
import { errorCodes, type ErrorCode } from '../../../platform/errors/error-codes.js'
import { completeRequestError } from '../../../platform/graphql/graphql-errors.js'
import {
  requestContextFromHeaders,
  withRequestContext,
  type RequestContext,
} from '../../../platform/log/request-context.js'
import { gatewayErrorFrom, OperationRefused } from '../../gateway-error.js'
import { FOREIGN_TOKEN, refusedRenewal, renewToken, type RenewalAnswer } from './renew-token.js'
import type { OperationHost, SocketOperation } from './socket-operation.js'
import type { TokenEnd, TokenHolder, TokenInUse } from './token-in-use.js'
import { WebSocketAnswer } from './websocket-answer.js'
import { webSocketClosures as closures, type WebSocketClosure } from './websocket-closures.js'
import {
  authorizationIn,
  readExtensions,
  readMessage,
  type ClientMessage,
  type OperationExtensions,
} from './websocket-message.js'
import type { SocketClient, WebSocketParts } from './websocket-parts.js'
import { WebSocketReservation } from './websocket-reservation.js'
import { WebSocketSubscription } from './websocket-subscription.js'
import type { WebSocketWire } from './websocket-wire.js'

type Phase = 'new' | 'admitting' | 'open' | 'over'

/**
 * What is said on one socket: graphql-transport-ws, with the pipeline behind queries and mutations and the hub behind
 * subscriptions: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export class WebSocketConversation implements OperationHost, TokenHolder {
  readonly #wire: WebSocketWire
  readonly #client: SocketClient
  readonly #parts: WebSocketParts
  readonly #beganAtTick: number
  #phase: Phase = 'new'
  #token: TokenInUse | null = null
  #operations: Map<string, SocketOperation> | null = null
  #renewal: Promise<void> | null = null

  constructor(wire: WebSocketWire, client: SocketClient, parts: WebSocketParts) {
    this.#wire = wire
    this.#client = client
    this.#parts = parts
    this.#beganAtTick = parts.ticks()
  }

  receive(text: string): void {
    if (this.#isOver()) return
    const message = readMessage(text)
    if (message === undefined) return this.end(closures.outOfProtocol)
    this.#take(message).catch((error: unknown) => {
      this.#parts.logger.error({ err: error }, 'unexpected error on a WebSocket')
      this.end(closures.fault)
    })
  }

  /** Ends a conversation that does not begin, or whose token has ended and is not replaced. */
  beat(tick: number): void {
    const { initTimeoutMs, tokenGraceMs, tickMs } = this.#parts.limits
    if (this.#token === null && (tick - this.#beganAtTick) * tickMs >= initTimeoutMs) {
      this.end(closures.initTimeout)
    } else if (this.#token?.ended && this.#token.endedForMs >= tokenGraceMs) {
      this.end({ ...closures.forbidden, reason: this.#token.ended })
    }
  }

  /** Releases what runs and closes the socket. Only the first call counts. */
  end({ code, reason }: WebSocketClosure): void {
    if (this.#isOver()) return
    this.release(code === closures.goElsewhere.code ? 'shutdown' : 'client')
    this.#wire.close(code, reason)
  }

  /** The socket is gone: releases what runs. May be called more than once. */
  release(why: 'client' | 'shutdown' = 'client'): void {
    this.#phase = 'over'
    const operations = this.#operations
    this.#operations = null
    operations?.forEach((operation) => {
      operation.release(why)
      this.#releaseOwnToken(operation)
    })
    this.#token?.release()
  }

  sendParts(opening: string, shared: Buffer, closing: string): boolean {
    return this.#wire.sendParts(opening, shared, closing)
  }

  send(message: object): void {
    if (!this.#isOver()) this.#wire.send(message)
  }

  whenRead(callback: () => void): void {
    this.#wire.whenRead(callback)
  }

  forget(operation: SocketOperation): void {
    this.#operations?.delete(operation.id)
    this.#releaseOwnToken(operation)
  }

  tokenEnded(token: TokenInUse): void {
    const { ended } = token
    if (ended !== null) this.#each(token, (operation) => operation.tokenEnded(ended))
  }

  async #take(message: ClientMessage): Promise<void> {
    switch (message.type) {
      case MessageType.ConnectionInit:
        return this.#admit(message.payload)
      case MessageType.Ping:
        return this.#answerPing(message.payload)
      case MessageType.Pong:
        return
      case MessageType.Subscribe:
        return this.#subscribe(message)
      case MessageType.Complete:
        return this.#complete(message.id)
    }
  }

  async #admit(payload: unknown): Promise<void> {
    if (this.#phase !== 'new') {
      return this.end(closures.secondInit)
    }
    this.#phase = 'admitting'
    try {
      const caller = await this.#parts.authenticate(authorizationIn(payload), this.#client)
      if (this.#isOver()) return
      this.#token = this.#parts.tokens.take(caller, this)
      if (this.#token === null) throw new AppError('SUBSCRIPTION_SESSION_ENDED')
      this.#phase = 'open'
      this.send({ type: MessageType.ConnectionAck })
    } catch (error) {
      this.end(this.#closureFor(error))
    }
  }

  #closureFor(error: unknown): WebSocketClosure {
    if (!(error instanceof AppError)) {
      this.#parts.logger.error({ err: error }, 'a connection could not be authenticated')
      return closures.fault
    }
    return { ...(errorCodes[error.code].retry ? closures.tryAgainLater : closures.forbidden), reason: error.code }
  }

  async #answerPing(payload: Readonly<Record<string, unknown>> | null | undefined): Promise<void> {
    if (!bearsToken(payload)) return this.send({ type: MessageType.Pong, ...(payload && { payload }) })
    const token = this.#token
    if (token === null) return this.end(closures.notAdmitted)
    this.#renewal = (this.#renewal ?? Promise.resolve()).then(() => this.#renew(token, payload)) // pongs in the order of pings
    await this.#renewal
  }

  async #renew(token: TokenInUse, payload: unknown): Promise<void> {
    const answer = await this.#renewalBy(token, payload)
    if (answer === FOREIGN_TOKEN) return this.end(closures.forbidden)
    if ('expiresInMs' in answer) this.#each(token, (operation) => operation.renewed())
    this.send({ type: MessageType.Pong, payload: answer })
  }

  async #renewalBy(token: TokenInUse, payload: unknown): Promise<RenewalAnswer | typeof FOREIGN_TOKEN> {
    try {
      const caller = await this.#parts.authenticate(authorizationIn(payload), this.#client)
      return this.#isOver() ? FOREIGN_TOKEN : renewToken(token, caller)
    } catch (error) {
      if (error instanceof AppError) return refusedRenewal(error)
      this.#parts.logger.error({ err: error }, 'a token could not be renewed')
      return refusedRenewal(new AppError('INT_INTERNAL_ERROR'))
    }
  }

  async #subscribe({ id, payload }: SubscribeMessage): Promise<void> {
    const token = this.#token
    if (token === null) return this.end(closures.notAdmitted)
    const operations = (this.#operations ??= new Map<string, SocketOperation>())
    if (operations.has(id)) return this.end(closures.idInUse)
    const ids = requestContextFromHeaders({})
    try {
      if (operations.size >= this.#parts.limits.maxOperationsPerSocket) throw this.#tooMany()
      const extensions = readExtensions(payload)
      const own = token.caller.authorization === null ? extensions.authorization : undefined
      const query = withRequestContext(ids, () => this.#parts.textOf(payload))
      const used = own === undefined ? token : await this.#ownToken(id, own, token)
      if (used !== null) this.#begin({ id, payload: { ...payload, query }, extensions, token: used, ids }, operations)
    } catch (error) {
      operations.delete(id)
      if (error instanceof OperationRefused) return this.#refuse(id, error, ids)
      const refusal = gatewayErrorFrom(error, ids)
      if (!(error instanceof AppError)) this.#parts.logger.error({ err: error }, 'an operation could not begin')
      this.send({ id, type: MessageType.Error, payload: [refusal.toJSON()] })
    }
  }

  #refuse(id: string, { errors }: OperationRefused, ids: RequestContext): void {
    const payload = withRequestContext(ids, () => errors.map((error) => completeRequestError(error).toJSON()))
    this.send({ id, type: MessageType.Error, payload })
  }

  #begin({ id, payload, extensions, token, ids }: Beginning, operations: Map<string, SocketOperation>): void {
    if (token.ended !== null) throw new AppError(CODE_AFTER[token.ended])
    const request = {
      query: payload.query,
      operationName: payload.operationName ?? undefined,
      variables: payload.variables ?? {},
      caller: token.caller,
      ids,
      headers: this.#client.headers,
    }
    if (this.#parts.operationTypeOf(request) === OperationTypeNode.SUBSCRIPTION) {
      const subscription = new WebSocketSubscription(id, token, this, extensions.beginning)
      operations.set(id, subscription)
      subscription.open(this.#parts.openLive, { ...request, cursor: extensions.cursor, signal: NEVER_ABORTED })
    } else {
      const answer = new WebSocketAnswer(id, token, this)
      operations.set(id, answer)
      void answer.run(this.#parts, request, extensions.incrementalSpec)
    }
  }

  /** The token an operation brought. Null: the operation was completed while it was verified. */
  async #ownToken(id: string, authorization: string, token: TokenInUse): Promise<TokenInUse | null> {
    const reservation = new WebSocketReservation(id, token)
    this.#operations?.set(id, reservation)
    const isReserved = () => this.#operations?.get(id) === reservation
    const caller = await this.#parts.authenticate(authorization, this.#client).catch((error: unknown) => {
      if (isReserved()) throw error
      return null
    })
    if (caller === null || !isReserved()) return null
    const own = this.#parts.tokens.take(caller, this)
    if (own === null) throw new AppError('SUBSCRIPTION_SESSION_ENDED')
    return own
  }

  #complete(id: string): void {
    const operation = this.#operations?.get(id)
    if (operation === undefined) return // its last word and the client's crossed
    this.forget(operation)
    operation.release()
  }

  #each(token: TokenInUse, call: (operation: SocketOperation) => void): void {
    const operations = [...(this.#operations?.values() ?? [])]
    for (const operation of operations) if (operation.token === token) call(operation)
  }

  #releaseOwnToken({ token }: SocketOperation): void {
    if (token !== this.#token) token.release()
  }

  #isOver(): boolean {
    return this.#phase === 'over'
  }

  #tooMany(): AppError {
    const { maxOperationsPerSocket } = this.#parts.limits
    const message = `A connection takes ${maxOperationsPerSocket} operations at a time: complete one first.`
    return new AppError('RATE_LIMIT_EXCEEDED', { message })
  }
}

interface Beginning extends Pick<SubscribeMessage, 'id' | 'payload'> {
  readonly extensions: OperationExtensions
  readonly token: TokenInUse
  readonly ids: RequestContext
}

/** What else is asked under a token that has ended is refused with. */
const CODE_AFTER = {
  SUBSCRIPTION_TOKEN_EXPIRED: 'AUTH_TOKEN_EXPIRED',
  SUBSCRIPTION_SESSION_ENDED: 'AUTH_TOKEN_INVALID',
} as const satisfies Record<TokenEnd, ErrorCode>

/** The hub is told by `LiveOperation.close`: a signal of its own would cost each subscription more than all else here. */
const NEVER_ABORTED = new AbortController().signal

/** A `ping` may carry anything; with a token it asks for something. */
function bearsToken(payload: Readonly<Record<string, unknown>> | null | undefined): boolean {
  return payload !== null && payload !== undefined && ('authorization' in payload || 'Authorization' in payload)
}
