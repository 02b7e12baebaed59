import type { GatewayError } from '../../gateway-error.js'
import type { EventFeed } from './event-feed.js'

/** What a subscription's primary fetch would have answered with, errors of a subgraph among it. */
export interface ProjectedEvent {
  readonly data: Readonly<Record<string, unknown>>
  readonly errors: readonly GatewayError[]
}

/** What becomes of events a client is too slow for. */
export type DeliveryPolicy =
  /** Nothing is left out: who falls behind for good is ended with SUBSCRIPTION_LAGGING and may resume. */
  | { readonly mode: 'LOSSLESS' }
  /** Of the events with one key only the newest; the answer after a gap tells how many were left out. */
  | { readonly mode: 'LATEST'; keyOf(payload: unknown): string }

/**
 * The one field of a subscription operation with its variables, for a certain caller: which feed it follows and what an event
 * of it means. Made of a plan's primary fetch and the supergraph; makes no connection by itself.
 */
export interface LiveField {
  /** The root field's name, as in the schema. */
  readonly name: string
  readonly feed: EventFeed
  readonly replay: 'NEW' | 'ALL'
  /** Subscriptions whose events are chosen and projected alike have equal keys. */
  readonly projectionKey: string
  /** Whether the field's filter lets an event through. */
  admits(payload: unknown): boolean
  /** Throws AppError INT_INTERNAL_ERROR, logged, for an event that does not fit the schema. */
  project(payload: unknown): ProjectedEvent
  /** Whether the stream ends after this event. */
  isLast(payload: unknown): boolean
  readonly delivery: DeliveryPolicy
  /**
   * The claims in which callers must agree for one execution to serve them all. Null: only one person's subscriptions share
   * (same `sub`), since subgraphs may answer everybody differently.
   */
  readonly audience: readonly string[] | null
  /** A query that must answer without null or error before the stream opens, with its variables. */
  readonly guard: { readonly query: string; readonly variables: Readonly<Record<string, unknown>> } | null
  /** The field of Query that answers the same selection as things stand; its answer comes first. */
  readonly snapshot: string | null
}
