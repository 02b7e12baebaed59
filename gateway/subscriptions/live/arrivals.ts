import type { LiveField } from '../feeds/live-field.js'
import type { EventAnswers } from './event-answers.js'
import type { LiveAnswer } from './live-answer.js'
import { OwnReader } from './own-reader.js'
import type { Places } from './places.js'
import type { Ending, ReceivedEvent, SharedFeed } from './shared-feed.js'

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
  /** Whether whoever is given answers has room for one more; `goOn` is called when there is room again. */
  mayAnswer(): boolean
  /** In the order of the events. `ordinal` counts all that were let through, those left out among them. */
  onAnswer(answer: LiveAnswer, ordinal: number): void
  /** The last word, after every answer. */
  onEnd(ending: Ending): void
  /** The event at this position gives way to a newer one of its key: answering is too slow. */
  onLeftOut(sequence: number): void
  /** Events are gone before they could be answered: the feed has let go of them, and so has the log if there is one. */
  onOverrun(error: unknown): void
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
  readonly #underWay: Arrival[] = []
  readonly #waiting = new Map<string, Arrival>()
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
    while (!this.#isOver && !this.#hasLast && !this.#isAlone) {
      const { kept } = shared
      if (kept.coversFrom > this.taken) return void this.#readAlone()
      if (this.#isFull && field.delivery.mode === 'LOSSLESS') return
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

  get #isFull(): boolean {
    return this.#underWay.length >= UNDER_WAY
  }

  #takeIn(event: ReceivedEvent): void {
    const { field } = this.#options
    this.taken = event.sequence
    if (!field.admits(event.payload)) return
    this.ordinal += 1
    const key = field.delivery.mode === 'LATEST' ? field.delivery.keyOf(event.payload) : ''
    const arrival: Arrival = { event, key, ordinal: this.ordinal, answer: undefined }
    if (field.isLast(event.payload)) {
      this.#hasLast = true
      this.#ending = { error: null }
    }
    if (this.#isFull) this.#wait(arrival)
    else this.#begin(arrival)
  }

  async #readAlone(): Promise<void> {
    const { shared, readers, signal, onOverrun } = this.#options
    const latecomer = { position: this.taken, signal }
    const log = new OwnReader(latecomer, shared.feed, readers)
    this.#isAlone = true
    try {
      while (!this.#isOver && !this.#hasLast && shared.kept.coversFrom > this.taken) {
        const event = await log.next()
        if (this.#isFull) await log.during(this.#room())
        if (event === null) this.taken = Math.max(this.taken, latecomer.position)
        else if (!this.#isOver && event.sequence > this.taken) this.#takeIn(event)
        latecomer.position = this.taken
      }
    } catch (error) {
      if (!this.#isOver) {
        this.taken = Math.max(this.taken, shared.kept.coversFrom)
        onOverrun(error)
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
      if (this.#isOver || first?.answer === undefined || !this.#options.mayAnswer()) break
      this.#underWay.shift()
      if (first.answer !== null) this.#options.onAnswer(first.answer, first.ordinal)
      const [next] = this.#waiting.values()
      if (next === undefined) continue
      this.#waiting.delete(next.key)
      this.#begin(next)
    }
    if (this.#isOver) return
    if (!this.#isFull) this.#onRoom?.()
    this.take()
    this.#options.shared.relieve()
    if (this.#ending === null || this.#underWay.length > 0 || (this.#isAlone && !this.#hasLast)) return
    this.#isOver = true
    this.#options.onEnd(this.#ending)
  }
}
