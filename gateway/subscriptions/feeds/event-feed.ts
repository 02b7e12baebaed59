import type { FeedTokens } from './feed-tokens.js'

/**
 * The port behind every live field: where its events come from. In: a place to begin. Out: events in order, none missed and
 * none twice. It refuses to know operations: one feed is read once for all whose operations it feeds.
 */
export interface FeedEvent {
  /** Strictly increasing within a feed. Of a log, the event's position in it; otherwise counted from when the feed was opened. */
  readonly sequence: number
  /** As the source gave it, not yet checked. Shared by everybody who reads it: nobody may change it. */
  readonly payload: unknown
  /** The source was lost and found again right before it: what it said meanwhile is gone. */
  readonly isAfterLoss?: boolean
}

/** Where reading begins: only what comes, everything the log still keeps, or everything after a position. */
export type FeedFrom = 'new' | 'all' | { readonly afterSequence: number }

/** Ends when the source says that it is complete, when closed, or by throwing AppError: SUBSCRIPTION_SOURCE_UNAVAILABLE, CURSOR_EXPIRED. */
export interface FeedReader extends AsyncIterable<FeedEvent> {
  /** Names the log read. A position in a log of another name means nothing here. Empty where the feed is no log. */
  readonly log: string
  /** The position after which nothing had been stored, of whatever subject, when the reader was opened. */
  readonly head: number
  /** How many of the reader's events were stored already when it was opened. What turns out to be no event is among them. */
  readonly backlog: number
  /** Resolves when these have gone by, handed over or not: nothing up to `head` is still to come. */
  readonly caughtUp: Promise<void>
  close(): Promise<void>
}

export interface EventFeed {
  /** Feeds of equal keys carry the same events: of those, one is opened for all. Holds no secret in clear. */
  readonly key: string
  /** Whether events can be had again by their position. Where not, answers carry no cursor. */
  readonly isLog: boolean
  /** What the source is asked with, where that is a caller's token: in nothing else do feeds of equal keys differ. */
  readonly tokens?: FeedTokens
  /**
   * When it resolves, no later event is missed. The signal takes back an opening; a reader is ended by its `close` alone.
   * Throws AppError: SUBSCRIPTION_SOURCE_UNAVAILABLE, CURSOR_EXPIRED where the log no longer reaches back to the position or
   * never got there, SUBGRAPH_* and what the source itself refuses with.
   */
  open(from: FeedFrom, signal: AbortSignal): Promise<FeedReader>
}
