/**
 * The port between the hub of live streams and the doors clients come through. In: a subscription and a sink. Out: results
 * made and serialised once for everybody they go to. It refuses to know protocols: a door frames what it is given.
 */
import type { GraphQLFormattedError } from 'graphql'
import type { Caller, GatewayRequest } from '../../gateway-request.js'
import type { ErrorCode } from '../../../platform/errors/error-codes.js'

/**
 * One result, for all its receivers. `head` followed by the receiver's own `tail` is the JSON text of an execution result.
 * The same Buffer goes to everybody, so that a door may frame it without copying or keep its framed form in a WeakMap.
 */
export interface LiveMessage {
  readonly head: Buffer
}

/** A client's end of one subscription. Every method is called synchronously, in order, never again after a last word. */
export interface LiveSink {
  /**
   * The cursor of where a stream stands that has its place and was given nothing yet: who is cut off before the first answer goes
   * on from it. Called once, before any answer, for streams of a log that begin with what comes; not for those that resume.
   */
  begun?(cursor: string): void
  /**
   * A result. False: the client reads slowly and nothing more is sent before the door calls `drained`. The message given has
   * been taken all the same.
   */
  next(message: LiveMessage, tail: string): boolean
  /** The last word: the operation ended, or never began, with these errors. */
  error(errors: readonly GraphQLFormattedError[]): void
  /** The last word: the stream has ended. */
  complete(): void
}

/** A subscription under way, as its door sees it. */
export interface LiveOperation {
  /** The client reads again. */
  drained(): void
  /** The same person with another token. What it may no longer see ends with the refusal's code. */
  renew(caller: Caller): void
  /** Ends it from this side, with the code as last word: SUBSCRIPTION_TOKEN_EXPIRED, SUBSCRIPTION_SESSION_ENDED, ... */
  end(code: ErrorCode): void
  /** The client has left, or was sent elsewhere: releases everything, no last word. May be called more than once. */
  close(why?: 'client' | 'shutdown'): void
}

export interface LiveRequest extends GatewayRequest {
  /** Of the last answer the client had: the stream goes on right after it. */
  readonly cursor: string | null
}

/**
 * Begins a subscription. The sink may have heard its last word before this returns. `close` may be called at once, while
 * the stream is still opening. Never throws: refusals go to the sink.
 */
export type OpenLive = (request: LiveRequest, sink: LiveSink) => LiveOperation
