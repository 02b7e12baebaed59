import type { LiveField } from '../feeds/live-field.js'
import type { EventAnswers } from './event-answers.js'
import type { LiveAnswer } from './live-answer.js'
import type { Ending, ReceivedEvent, SharedFeed } from './shared-feed.js'

export interface ArrivalsOptions {
  readonly shared: SharedFeed
  readonly field: LiveField
  readonly answers: EventAnswers
  /** Everything after this position is to be answered. */
  readonly start: number
  /** In the order of the events. `ordinal` counts all that were let through, those left out among them. */
  onAnswer(answer: LiveAnswer, ordinal: number): void
  /** The last word, after every answer. */
  onEnd(ending: Ending): void
  /** The event at this position gives way to a newer one of its key: answering is too slow. */
  onLeftOut(sequence: number): void
  /** The feed has let go of events before they could be answered. */
  onOverrun(): void
}

interface Arrival {
  readonly event: ReceivedEvent
  readonly key: string
  readonly ordinal: number
  /** Undefined while it is made. */
  answer: LiveAnswer | null | undefined
}

const UNDER_WAY = 16 // answers made at a time: subgraphs are slow one by one, and a burst must not flood them
const MAXIMUM_WAITING = 128 // in the feed, which keeps far more: some seconds of a subgraph that takes its time
const MAXIMUM_KEYS = 1_024 // of a LATEST field that wait their turn

/** A group's way from its feed to answers in order. What can't be made at once waits in the feed, or by key where only the newest counts. */
export class Arrivals {
  /** Events up to here are answered, under way, or not for this group. */
  taken: number
  #ordinal = 0
  readonly #options: ArrivalsOptions
  readonly #underWay: Arrival[] = []
  readonly #waiting = new Map<string, Arrival>()
  #ending: Ending | null = null
  /** Whether the event that ends the stream has come. */
  #hasLast = false
  #isOver = false

  constructor(options: ArrivalsOptions) {
    this.#options = options
    this.taken = options.start
  }

  /** Every event up to here has been answered or was not for this group. */
  get settled(): number {
    const [first] = this.#underWay
    return first === undefined ? this.taken : first.event.sequence - 1
  }

  /** Whether so much waits in the feed that it might be let go of before its turn. */
  get isBehind(): boolean {
    const { shared, field } = this.#options
    return !this.#isOver && field.delivery.mode === 'LOSSLESS' && shared.kept.countAfter(this.taken) > MAXIMUM_WAITING
  }

  /** To be called when the feed has more. */
  take(): void {
    const { shared, field } = this.#options
    while (!this.#isOver && !this.#hasLast) {
      if (shared.kept.coversFrom > this.taken) this.#overrun()
      const isFull = this.#underWay.length >= UNDER_WAY
      if (isFull && field.delivery.mode === 'LOSSLESS') return
      const event = shared.kept.firstAfter(this.taken)
      if (event === undefined) return
      this.taken = event.sequence
      if (!field.admits(event.payload)) continue
      this.#ordinal += 1
      const key = field.delivery.mode === 'LATEST' ? field.delivery.keyOf(event.payload) : ''
      const arrival: Arrival = { event, key, ordinal: this.#ordinal, answer: undefined }
      if (field.isLast(event.payload)) {
        this.#hasLast = true
        this.#ending = { error: null }
      }
      if (isFull) this.#wait(arrival)
      else this.#begin(arrival)
    }
  }

  /** Nothing more will come: the last word follows what is under way. */
  end(ending: Ending): void {
    this.take()
    this.#ending ??= ending
    this.#settle()
  }

  /** Nothing more is told. */
  stop(): void {
    this.#isOver = true
  }

  #overrun(): void {
    this.taken = this.#options.shared.kept.coversFrom
    this.#options.onOverrun()
  }

  #wait(arrival: Arrival): void {
    const earlier = this.#waiting.get(arrival.key)
    const [oldest] = this.#waiting.size < MAXIMUM_KEYS ? [] : this.#waiting.values()
    const gives = earlier ?? oldest
    if (gives !== undefined) {
      this.#waiting.delete(gives.key)
      this.#options.onLeftOut(gives.event.sequence)
    }
    this.#waiting.set(arrival.key, arrival)
  }

  #begin(arrival: Arrival): void {
    this.#underWay.push(arrival)
    void this.#options.answers.answerTo(arrival.event).then((answer) => {
      arrival.answer = answer
      this.#settle()
    })
  }

  #settle(): void {
    for (;;) {
      const [first] = this.#underWay
      if (this.#isOver || first?.answer === undefined) break
      this.#underWay.shift()
      if (first.answer !== null) this.#options.onAnswer(first.answer, first.ordinal)
      const [next] = this.#waiting.values()
      if (next === undefined) continue
      this.#waiting.delete(next.key)
      this.#begin(next)
    }
    if (this.#isOver) return
    this.take()
    this.#options.shared.relieve()
    if (this.#ending === null || this.#underWay.length > 0) return
    this.#isOver = true
    this.#options.onEnd(this.#ending)
  }
}
