import type { GraphQLFormattedError } from 'graphql'
import type { LiveMessage } from '../live/live-operation.js'
import type { StreamKind } from './accepted-stream.js'

/** A message in the form of one protocol. The shared part is made once, whoever it goes to. */
export interface FramedMessage {
  readonly shared: Buffer
  /** What follows it for the receiver with this tail. */
  ending(tail: string): string
}

/** How one of the protocols over HTTP writes down a stream. Texts end where the client can act on them. */
export interface StreamFraming {
  readonly kind: StreamKind
  readonly contentType: string
  readonly opening: string
  readonly heartbeat: string
  /** Where a stream stands before its first answer; empty where the protocol has no word for it. */
  beginning(cursor: string): string
  /** The same object for the same message. */
  framed(message: LiveMessage): FramedMessage
  /** The last word: these errors. `began`: answers came before it. */
  failure(errors: readonly GraphQLFormattedError[], began: boolean): string
  /** The last word: all has been said. */
  readonly completion: string
  /** The last word of a gateway that stops: go on elsewhere, after `retryMs`. */
  goodbye(retryMs: number, error: GraphQLFormattedError): string
}

/** The shared parts of messages, made when first asked for and kept as long as their message. */
export function framedOnce(make: (message: LiveMessage) => FramedMessage): (message: LiveMessage) => FramedMessage {
  const made = new WeakMap<LiveMessage, FramedMessage>()
  return (message) => {
    const earlier = made.get(message)
    if (earlier !== undefined) return earlier
    const framed = make(message)
    made.set(message, framed)
    return framed
  }
}
