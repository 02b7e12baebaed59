/** Why a subscription ended, for metrics. */
export type EndReason =
  'complete' | 'client' | 'refused' | 'lagging' | 'source' | 'token' | 'session' | 'schema' | 'shutdown'

/** What the live streams count. Every call is cheap and never throws; names of metrics are made elsewhere. */
export interface LiveMetrics {
  socketOpened(door: 'websocket' | 'sse' | 'multipart'): void
  socketClosed(door: 'websocket' | 'sse' | 'multipart'): void
  operationStarted(): void
  operationEnded(reason: EndReason): void
  /** An event came in from a feed, once whoever reads it. */
  eventReceived(): void
  /** One execution of an event's plan. */
  executed(durationMs: number): void
  /** So many sinks were handed one message, `lagMs` after the event was received. */
  delivered(receivers: number, lagMs: number): void
  /** So many events a client did not get: it was too slow, or this side could not execute in time. */
  dropped(count: number, side: 'client' | 'upstream'): void
  /** An answer told of a gap. */
  gapTold(): void
  /** A client went on from a cursor; so many events were replayed to it. */
  resumed(replayed: number): void
}

/** For tests and for a gateway without metrics. */
export const noMetrics: LiveMetrics = {
  socketOpened: () => {},
  socketClosed: () => {},
  operationStarted: () => {},
  operationEnded: () => {},
  eventReceived: () => {},
  executed: () => {},
  delivered: () => {},
  dropped: () => {},
  gapTold: () => {},
  resumed: () => {},
}
