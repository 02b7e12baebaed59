import type { LiveField } from '../feeds/live-field.js'
import { AnswersUnderWay } from './answers-under-way.js'
import type { ArrivalsHost } from './arrivals-host.js'
import type { EventAnswers } from './event-answers.js'
import { OwnReader } from './own-reader.js'
import type { Places } from './places.js'
import type { Ending, ReceivedEvent, SharedFeed } from './shared-feed.js'
import { WaitingArrivals } from './waiting-arrivals.js'

export interface ArrivalsOptions {
  readonly shared: SharedFeed
  readonly field: LiveField
  readonly answers: EventAnswers
  /** Everything after this position is to be answered. */
  readonly start: number
  /** For reading the log alone where the feed has let go of what comes next. */
  readonly readers: Places
  /** Aborted when nothing more is wanted. */
  readonly signal: AbortSignal
  readonly host: ArrivalsHost
}

const MAXIMUM_WAITING = 128 // in the feed, which keeps far more: some seconds of a subgraph that takes its time

/**
 * A group's way from its feed to answers in order. What can't be made at once waits in the feed, or by key where only the newest
 * counts. Where others keep up, the feed goes on without it: then it reads the log alone, at its own pace, until the feed reaches
 * back to it again.
 */
export class Arrivals {
  /** Events up to here are answered, under way, or not for this group. */
  taken: number
  /** How many events up to `taken` were for this group. */
  ordinal = 0
  readonly #options: ArrivalsOptions
  readonly #underWay: AnswersUnderWay
  readonly #waiting: WaitingArrivals
  #ending: Ending | null = null
  /** Whether the event that ends the stream has come. */
  #hasLast = false
  #isOver = false
  #isAlone = false
  /** Set while the log is read alone and waits for room. */
  #onRoom: (() => void) | null = null

  constructor(options: ArrivalsOptions) {
    this.#options = options
    this.taken = options.start
    this.#underWay = new AnswersUnderWay(options.answers, () => this.#settle())
    this.#waiting = new WaitingArrivals(options.host)
  }

  /** Every event up to here has been answered or was not for this group. */
  get settled(): number {
    const { oldest } = this.#underWay
    return oldest === undefined ? this.taken : oldest.event.sequence - 1
  }

  /** Whether so much waits in the feed that it might be let go of before its turn. */
  get isBehind(): boolean {
    const { shared, field } = this.#options
    return !this.#isOver && field.delivery.mode === 'LOSSLESS' && shared.kept.countAfter(this.taken) > MAXIMUM_WAITING
  }

  /** To be called when the feed has more. */
  take(): void {
    const { shared, field } = this.#options
    while (!this.#isOver && !this.#hasLast && !this.#isAlone) {
      const { kept } = shared
      if (kept.coversFrom > this.taken) return void this.#readAlone()
      if (this.#underWay.isFull && field.delivery.mode === 'LOSSLESS') return
      const event = kept.firstAfter(this.taken)
      if (event === undefined) return
      this.#takeIn(event)
    }
  }

  /** Nothing more will come: the last word follows what is under way. */
  end(ending: Ending): void {
    this.take()
    this.#ending ??= ending
    this.#settle()
  }

  /** There is room for answers again. */
  goOn(): void {
    this.#settle()
  }

  /** Nothing more is told. */
  stop(): void {
    this.#isOver = true
    this.#onRoom?.()
  }

  #takeIn(event: ReceivedEvent): void {
    const { field } = this.#options
    this.taken = event.sequence
    if (!field.admits(event.payload)) return
    this.ordinal += 1
    const key = field.delivery.mode === 'LATEST' ? field.delivery.keyOf(event.payload) : ''
    const arrival = { event, key, ordinal: this.ordinal }
    if (field.isLast(event.payload)) {
      this.#hasLast = true
      this.#ending = { error: null }
    }
    if (this.#underWay.isFull) this.#waiting.put(arrival)
    else this.#underWay.begin(arrival)
  }

  async #readAlone(): Promise<void> {
    const { shared, readers, signal, host } = this.#options
    const latecomer = { position: this.taken, signal }
    const log = new OwnReader(latecomer, shared.feed, readers)
    this.#isAlone = true
    try {
      while (!this.#isOver && !this.#hasLast && shared.kept.coversFrom > this.taken) {
        const event = await log.next()
        if (this.#underWay.isFull) await log.during(this.#room())
        if (event === null) this.taken = Math.max(this.taken, latecomer.position)
        else if (!this.#isOver && event.sequence > this.taken) this.#takeIn(event)
        latecomer.position = this.taken
      }
    } catch (error) {
      if (!this.#isOver) {
        this.taken = Math.max(this.taken, shared.kept.coversFrom)
        host.onOverrun(error)
      }
    } finally {
      await log.close().catch(() => {}) // there is nobody left to tell
    }
    this.#isAlone = false
    this.#settle()
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRoom = () => {
        this.#onRoom = null
        resolve()
      }
    })
  }

  #settle(): void {
    const { host, shared } = this.#options
    while (!this.#isOver && this.#underWay.isNextMade && host.mayAnswer()) {
      const next = this.#underWay.takeNext()
      if (next !== null && next.answer !== null) host.onAnswer(next.answer, next.ordinal)
      const waiting = this.#waiting.takeOldest()
      if (waiting !== undefined) this.#underWay.begin(waiting)
    }
    if (this.#isOver) return
    if (!this.#underWay.isFull) this.#onRoom?.()
    this.take()
    shared.relieve()
    if (this.#ending === null || this.#underWay.oldest !== undefined || (this.#isAlone && !this.#hasLast)) return
    this.#isOver = true
    host.onEnd(this.#ending)
  }
}
