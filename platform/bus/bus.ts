/**
 * The port through which services tell each other what happened. In: envelopes on a subject. Out: the same envelopes,
 * to durable consumers (each once effectively, at least once physically) and to followers (everybody, in order).
 * It refuses to interpret `data`: contracts in `schema/contracts` do.
 *
 * Subjects are dot-separated tokens; `*` stands for one token and a final `>` for the rest, as in NATS.
 * - `events.<type>`, e.g. `events.user.registered`: domain events, kept 7 days.
 * - `progress.<...>`: progress of a running thing, kept 15 minutes, for followers.
 * - `dead-letter.<consumer>.<original subject>`: what a consumer gave up on, kept 30 days.
 */
export interface EventEnvelope {
  /** UUID. A second publish with the same id on the same stream within 2 minutes is not stored again. */
  readonly id: string
  /** Past tense, e.g. `user.registered`. */
  readonly type: string
  readonly version: number
  /** ISO 8601, UTC. */
  readonly occurredAt: string
  readonly traceId: string
  readonly actorId?: string | undefined
  readonly data: unknown
}

export interface Delivery {
  /** 1 for the first try. */
  readonly attempt: number
  readonly subject: string
}

export interface ConsumerOptions {
  /** Durable name, `<service>-<purpose>`, letters, digits and dashes. Instances of one name share the work. */
  readonly name: string
  /** Exactly one subject filter (wildcards allowed): servers before 2.10 take no more. */
  readonly subject: string
  /**
   * One event at a time an instance. Resolving acknowledges; throwing asks for redelivery after the back-off (1 s, 5 s,
   * 30 s, 60 s; configurable for tests), and later events may be handled before it. After `maxDeliver` tries (default 5),
   * or at once on UnprocessableEventError, the envelope goes to `dead-letter.<name>.<subject>`. An event that was handled
   * may come again (a lost acknowledgement, a crash): claim its id in the inbox.
   */
  readonly handle: (envelope: EventEnvelope, delivery: Delivery) => Promise<void>
  readonly maxDeliver?: number
  readonly backoffMs?: readonly number[]
}

export interface Consumer {
  /** Waits for the handler in flight, then stops. The durable position stays. */
  close(): Promise<void>
}

export interface FollowedEvent {
  /** Position in the log, strictly increasing within a stream; the cursor to go on from. */
  readonly sequence: number
  readonly subject: string
  readonly envelope: EventEnvelope
}

/** Where a follower begins: only what comes, everything still kept, everything after a position, or what was stored at or after a time. */
export type FollowFrom = 'new' | 'all' | { readonly afterSequence: number } | { readonly since: Date }

/**
 * What is read of a log in its order, none missed and none twice, also across a reconnection to the broker. It reads ahead a
 * bounded number only, so a slow reader slows nobody else. Ends with `close` or when a `for await` is left; rejects with
 * EventsLostError when the log has dropped what it had still to read, or was made anew, and with StreamGoneError where there has
 * been none for ten seconds.
 */
export interface Reading<Item> extends AsyncIterable<Item> {
  /** Names the life of the log that is read: a position in a log of another name, or of the same one made anew, means nothing here. */
  readonly log: string
  /** The position after which nothing had been stored, on whatever subject of the log, when the follower was opened. */
  readonly head: number
  /** How many of the follower's own events were stored already. What turns out to be no event is among them. */
  readonly backlog: number
  /** Resolves when all of these have been handed over, or passed over: whoever reads on has reached `head`. */
  readonly caughtUp: Promise<void>
  /**
   * Whether everything that was stored when this was called has been handed over: silence alone does not tell a log without
   * news from one that can't be reached. False or a rejection where that can't be known.
   */
  isCurrent(): Promise<boolean>
  close(): Promise<void>
}

export type Follower = Reading<FollowedEvent>

/** What somebody else published: any JSON. */
export interface BrokerMessage {
  /** Position in the stream; without one, counted from the opening on. */
  readonly sequence: number
  readonly subject: string
  /** The message itself, parsed. What is not JSON is passed over with a warning. */
  readonly payload: unknown
}

/** Subjects that others publish on. It refuses to publish, to change anybody's streams, and subjects of the server's own. */
export interface BrokerSubjects {
  /**
   * Reads the JetStream stream that covers the subject, with the promises of a follower. Throws NoStreamError where none or
   * several do, or where it lets go of messages that nobody has seen; BusUnavailableError, EventsLostError, and TypeError for what is
   * no subject. `isNewestEnough`: for a reader who can do without what was replaced on its own subject.
   */
  follow(subject: string, from: FollowFrom, isNewestEnough?: boolean): Promise<Reading<BrokerMessage>>
  /**
   * What is published from now on, kept by nobody: core NATS. `log` is empty. Rejects with EventsLostError when its reader is
   * too slow, and with BusUnavailableError as soon as the server is lost: what was said meanwhile is gone. Throws as `follow`.
   */
  listen(subject: string): Promise<Reading<BrokerMessage>>
}

export interface Bus {
  readonly engine: 'nats' | 'in-process'
  /** Resolves when the log has stored it. Throws BusUnavailableError when it can't say so; publishing again with the same id is safe. */
  publish(subject: string, envelope: EventEnvelope): Promise<void>
  /** Starts a durable consumer; on its first start it sees everything still kept. */
  consume(options: ConsumerOptions): Promise<Consumer>
  /**
   * Opens a follower; when the promise resolves, no later event is missed. Throws BusUnavailableError, and EventsLostError
   * when the log no longer reaches back to `afterSequence` (or never got there: it was made anew).
   */
  follow(subject: string, from: FollowFrom): Promise<Follower>
  /** What others publish on the same broker; null where there is none, as within one process. */
  readonly subjects: BrokerSubjects | null
  /** Resolves when the engine answers, throws BusUnavailableError otherwise, within 1 s. */
  check(): Promise<void>
  /** Closes every consumer and follower, then the connection. */
  close(): Promise<void>
}

/** The broker does not answer. Never carries an address. */
export class BusUnavailableError extends Error {
  constructor(options?: { cause?: unknown }) {
    super('The event bus is not available.', options)
    this.name = 'BusUnavailableError'
  }
}

/** The log no longer keeps everything after the position asked for: read the present state anew, then follow from now. */
export class EventsLostError extends Error {
  constructor() {
    super('The event log no longer reaches back to the position asked for.')
    this.name = 'EventsLostError'
  }
}

/** Of the broker's streams there is not one that keeps all of this subject: then no position means a place in all of it. */
export class NoStreamError extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'NoStreamError'
  }
}

/** The stream that was read is gone, and was not made anew for a while. */
export class StreamGoneError extends Error {
  constructor(options?: { cause?: unknown }) {
    super('The stream that was followed is gone.', options)
    this.name = 'StreamGoneError'
  }
}

/** Thrown by a handler that will never be able to handle this event: it is dead-lettered without further tries. */
export class UnprocessableEventError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'UnprocessableEventError'
  }
}

/** Waits before the second, third, ... try when a consumer names none; the last one repeats. */
export const defaultBackoffMs: readonly number[] = [1_000, 5_000, 30_000, 60_000]

/** Tries before an event is dead-lettered when a consumer names no number. */
export const defaultMaxDeliver = 5
