/**
 * Subscriptions that a subgraph serves itself, over WebSocket or Server-Sent Events. In: an operation and the headers it is
 * asked with. Out: its results, until the connection ends, and how it ended. It refuses to try again: a feed does.
 */
import type { AppError } from '../../../../platform/errors/app-error.js'

export interface UpstreamRequest {
  /** The subgraph's name. */
  readonly service: string
  /** `ws:` or `wss:` for WebSocket, `http:` or `https:` for Server-Sent Events. */
  readonly url: URL
  readonly operation: string
  readonly variables: Readonly<Record<string, unknown>>
  /** Names in small letters, and values, in turn. */
  readonly headers: readonly string[]
  /** How long the subgraph has to accept the subscription. */
  readonly timeoutMs: number
  /** How large one result may be. */
  readonly maxResultBytes: number
}

/** Hears of one subscription: `started` first, unless it never begins; `ended` last, once. */
export interface UpstreamSink {
  /** The subgraph has accepted, as far as the protocol can tell: what happens from now on is told. */
  started(): void
  /** A result as it came, parsed. `bytes` is about its size on the wire. */
  next(result: unknown, bytes: number): void
  ended(end: UpstreamEnd): void
}

export type UpstreamEnd =
  /** The subgraph says that there is nothing more. */
  | { readonly kind: 'complete' }
  /** The subgraph says no, and would say so again. */
  | {
      readonly kind: 'refused'
      readonly refusal: AppError
      /** Its own words where the refusal has others; for the log. */
      readonly subgraphError?: string
    }
  /** The connection failed, or never came to be. */
  | { readonly kind: 'lost'; readonly cause: unknown }

export interface Upstream {
  /** Nothing is read from the connection until `resume`: the subgraph's own writes wait. What was read already still comes. */
  pause(): void
  resume(): void
  /** Tells the subgraph, and lets go of the connection. The sink hears nothing after. */
  stop(): void
}

/** Begins a subscription over a connection of its own. The sink hears nothing before this returns. */
export type ConnectUpstream = (request: UpstreamRequest, sink: UpstreamSink) => Upstream
