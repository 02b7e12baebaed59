import { setMaxListeners } from 'node:events'
import { AppError } from '../../../platform/errors/app-error.js'
import type { Logger } from '../../../platform/log/logger.js'
import type { LiveField } from '../feeds/live-field.js'
import { Arrivals } from './arrivals.js'
import { EventAnswers } from './event-answers.js'
import { FanOut, type FanOutReceiver } from './fan-out.js'
import type { KeptAnswer, LiveAnswer } from './live-answer.js'
import type { LiveCursors } from './live-cursors.js'
import type { LiveMetrics } from './live-metrics.js'
import type { PreparedLive } from './live-pipeline.js'
import { NewestByKey } from './newest-by-key.js'
import { NewestKept, type KeptLimits } from './newest-kept.js'
import type { Places } from './places.js'
import { BEGINNING, type Ending, type SharedFeed } from './shared-feed.js'
import { Speakers, type Speaker } from './speakers.js'

/** One of a group's subscriptions, as the group sees it. */
export interface GroupMember extends FanOutReceiver, Speaker {
  /** Whether subgraphs refuse its token, and others' they do not. */
  readonly isApart: boolean
  fail(error: unknown): void
}

export interface LiveGroupOptions {
  readonly key: string
  readonly shared: SharedFeed
  readonly field: LiveField
  readonly prepared: PreparedLive
  /** Everything after this position is answered. */
  readonly start: number
  /** For what is to be read of the log alone. */
  readonly readers: Places
  readonly cursors: LiveCursors
  readonly metrics: LiveMetrics
  readonly logger: Logger
  /** Nobody new may join: the stream has ended. */
  onOver(group: LiveGroup): void
}

/** For clients that hang for a moment, and for those who catch up; whoever is further behind reads the log. */
const KEPT_ANSWERS: KeptLimits = { maxCount: 256, maxBytes: 1_048_576, maxAgeMs: 30_000, minCount: 1 }
const MAXIMUM_KEYS = 1_024 // of a LATEST field: each key keeps an answer for those who read slowly

/** Subscriptions that one execution an event serves, whoever of them is where. */
export class LiveGroup {
  readonly options: LiveGroupOptions
  readonly answers: EventAnswers
  /** The newest answers, for those who are behind. */
  readonly kept: NewestKept<KeptAnswer> | NewestByKey<KeptAnswer>
  /** The last word; null as long as there may be more. */
  ending: Ending | null = null
  readonly fanOut: FanOut
  readonly #speakers: Speakers
  readonly #arrivals: Arrivals
  readonly #abort = new AbortController()
  /** Of the last answer. */
  #told: { readonly sequence: number; readonly ordinal: number }
  /** Position of the newest event that was left out. */
  #leftOutThrough = BEGINNING

  constructor(options: LiveGroupOptions) {
    this.options = options
    const { shared, field, start, metrics, prepared } = options
    this.#speakers = new Speakers(prepared)
    this.#told = { sequence: start, ordinal: 0 }
    setMaxListeners(0, this.#abort.signal) // one an execution, taken off with it: more than ten are under way in a flood
    this.kept =
      field.delivery.mode === 'LATEST' ? new NewestByKey(start, MAXIMUM_KEYS) : new NewestKept(start, KEPT_ANSWERS)
    this.answers = new EventAnswers({
      ...options,
      log: shared.log,
      signal: this.#abort.signal,
      speakers: this.#speakers,
    })
    this.fanOut = new FanOut({
      onSent: ({ receivedAt }, receivers) => metrics.delivered(receivers, performance.now() - receivedAt),
      onRoom: () => this.#arrivals.goOn(),
    })
    this.#arrivals = new Arrivals({
      shared,
      field,
      start,
      readers: options.readers,
      signal: this.#abort.signal,
      answers: this.answers,
      host: {
        mayAnswer: () => !this.fanOut.isFull,
        onAnswer: (answer, ordinal) => this.#keep(answer, ordinal),
        onEnd: (ending) => this.#end(ending),
        onLeftOut: (sequence) => this.#leaveOut(sequence),
        onOverrun: (error) => this.#overrun(error),
      },
    })
  }

  get size(): number {
    return this.#speakers.size
  }

  /**
   * Everything up to here has been given to those who are given everything as it comes. What was left out and no answer has told
   * of yet is after it: who moves to another group meanwhile is given it there, or told of it.
   */
  get settled(): number {
    return this.#leftOutThrough > this.#told.sequence ? this.#told.sequence : this.#arrivals.settled
  }

  /** The ordinal of the newest event up to a position; null where nobody can tell any more. */
  ordinalAt(position: number): number | null {
    const { shared, field } = this.options
    const { taken, ordinal } = this.#arrivals
    if (position >= taken) return ordinal
    if (shared.kept.coversFrom > position) return null
    const since = shared.kept.after(position, Infinity).filter((event) => event.sequence <= taken)
    return ordinal - since.filter(({ payload }) => field.admits(payload)).length
  }

  /** To be called once there is a member: begins to answer events. */
  start(): void {
    const { shared } = this.options
    shared.listen(this)
    this.#arrivals.take()
    if (shared.ending !== null) this.#arrivals.end(shared.ending)
  }

  join(member: GroupMember): void {
    this.#speakers.add(member)
  }

  leave(member: GroupMember): void {
    this.#speakers.remove(member)
    this.fanOut.remove(member)
  }

  /** What is under way is cancelled. */
  close(): void {
    this.options.shared.ignore(this)
    this.#arrivals.stop()
    this.#abort.abort()
  }

  get isBehind(): boolean {
    return this.#arrivals.isBehind
  }

  /** A fault in what this group makes of an event ends this group, not those it shares the feed with. */
  onEvent(): void {
    try {
      this.#arrivals.take()
    } catch (error) {
      this.#arrivals.stop()
      this.#end({ error })
    }
  }

  onEnd(ending: Ending): void {
    this.#arrivals.end(ending)
  }

  #keep(answer: LiveAnswer, ordinal: number): void {
    const kept = { ...answer, ordinal, leftOut: ordinal - this.#told.ordinal - 1 }
    this.#told = kept
    this.kept.push(kept)
    this.fanOut.send(kept)
  }

  #end(ending: Ending): void {
    this.ending = ending
    this.options.onOver(this)
    this.fanOut.send(ending)
  }

  #leaveOut(sequence: number): void {
    this.options.metrics.dropped(1, 'upstream')
    this.#leftOutThrough = Math.max(this.#leftOutThrough, sequence)
  }

  /** Nobody knows how much is gone: those who were there have missed it. */
  #overrun(error: unknown): void {
    this.kept.coversFrom = Math.max(this.kept.coversFrom, this.#arrivals.taken)
    const isGone = error instanceof AppError && error.code === 'CURSOR_EXPIRED'
    this.fanOut.send({ error: isGone ? new AppError('SUBSCRIPTION_LAGGING') : error })
  }
}
