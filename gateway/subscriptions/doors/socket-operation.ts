import type { ErrorCode } from '../../../platform/errors/error-codes.js'
import type { TokenInUse } from './token-in-use.js'

/** An operation on a WebSocket, as its connection sees it. */
export interface SocketOperation {
  readonly id: string
  /** What it runs under: the connection's, or its own. */
  readonly token: TokenInUse
  /** The token is good no more. What streams ends with the code; an answer under way is finished. */
  tokenEnded(code: ErrorCode): void
  /** The token was replaced by another of the same person. */
  renewed(): void
  /** The client has completed it, has left, or was sent elsewhere: releases everything and says nothing. */
  release(why?: 'client' | 'shutdown'): void
}

/** The connection, as its operations see it. */
export interface OperationHost {
  /**
   * Sends the text `opening`, `shared`, `closing` as one message; `opening` is ASCII. False: the client has so much to read
   * already that nothing more is to be sent before `whenRead`, or it is gone.
   */
  sendParts(opening: string, shared: Buffer, closing: string): boolean
  /** Sends a message of the protocol. */
  send(message: object): void
  /** Calls back when the client has read what was sent, at once where that is not much. Never, where it leaves. */
  whenRead(callback: () => void): void
  /** The operation has had its last word. */
  forget(operation: SocketOperation): void
}
