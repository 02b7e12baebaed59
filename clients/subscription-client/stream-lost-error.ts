/** Why a stream can't go on, where no server said so. */
export type StreamLostCode =
  /** No gateway could be reached for as long as the client tries, or one closed the connection for good. */
  | 'CONNECTION_LOST'
  /** The connection was cut, and the stream's answers carry no cursors: what came meanwhile can't be had again. */
  | 'STREAM_INTERRUPTED'
  /** The loop reads too slowly for a stream without cursors: as the server's code of this name. */
  | 'SUBSCRIPTION_LAGGING'

/** A stream ended on this side. What a server refuses is a GraphqlRequestError instead; both have a `code`. */
export class StreamLostError extends Error {
  /** A StreamLostCode, or the code a server gave as its reason to close, e.g. AUTH_TOKEN_INVALID. */
  readonly code: string

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'StreamLostError'
    this.code = code
  }
}
