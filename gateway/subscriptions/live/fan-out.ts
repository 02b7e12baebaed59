import type { KeptAnswer } from './live-answer.js'
import type { Ending } from './shared-feed.js'

/** Somebody who is given every answer as it comes. */
export interface FanOutReceiver {
  /** Where it stands among the receivers; the fan-out's own note. */
  place: number
  /** Whether it was new to it. */
  take(kept: KeptAnswer): boolean
  finish(ending: Ending): void
}

const BATCH = 500 // receivers between two turns of the event loop: some milliseconds of writing
/** Answers that wait for the one being handed out: as many as a group makes at a time. What comes besides waits in the feed. */
const MAXIMUM_QUEUED = 16

export interface FanOutEvents {
  /** What an answer meant to so many, when all have it. */
  onSent(kept: KeptAnswer, receivers: number): void
  /** It is full no longer. */
  onRoom(): void
}

/**
 * Hands answers to receivers, one answer after the other. Receivers may come and go at any moment, within a call to one of
 * them too: whoever comes while an answer is under way must know what it has had already.
 */
export class FanOut {
  readonly #events: FanOutEvents
  /** Null for one that left: nobody changes places while an answer is under way. */
  #receivers: (FanOutReceiver | null)[] = []
  #holes = 0
  readonly #queue: (KeptAnswer | Ending)[] = []
  #next = 0
  #count = 0
  #isRunning = false

  constructor(events: FanOutEvents) {
    this.#events = events
  }

  /** Whether another answer would only wait: to be asked before one is sent. */
  get isFull(): boolean {
    return this.#queue.length >= MAXIMUM_QUEUED
  }

  /** Whether nobody waits for anything. */
  get isIdle(): boolean {
    return this.#queue.length === 0
  }

  get size(): number {
    return this.#receivers.length - this.#holes
  }

  add(receiver: FanOutReceiver): void {
    receiver.place = this.#receivers.length
    this.#receivers.push(receiver)
  }

  remove(receiver: FanOutReceiver): void {
    if (this.#receivers[receiver.place] !== receiver) return
    this.#receivers[receiver.place] = null
    this.#holes += 1
    if (!this.#isRunning && this.#holes * 2 > this.#receivers.length) this.#close()
  }

  send(item: KeptAnswer | Ending): void {
    this.#queue.push(item)
    if (!this.#isRunning) this.#run()
  }

  #run(): void {
    this.#isRunning = true
    for (let item = this.#queue[0]; item !== undefined; item = this.#queue[0]) {
      const end = Math.min(this.#next + BATCH, this.#receivers.length)
      for (; this.#next < end; this.#next += 1) {
        const receiver = this.#receivers[this.#next] ?? null
        if (receiver === null) continue
        if ('error' in item) receiver.finish(item)
        else if (receiver.take(item)) this.#count += 1
      }
      if (this.#next < this.#receivers.length) {
        setImmediate(() => this.#run())
        return
      }
      const { isFull } = this
      this.#queue.shift()
      if (!('error' in item)) this.#events.onSent(item, this.#count)
      this.#next = 0
      this.#count = 0
      if (isFull && !this.isFull) this.#events.onRoom()
    }
    this.#isRunning = false
    if (this.#holes > 0) this.#close()
  }

  /** Closes the holes. */
  #close(): void {
    const staying: FanOutReceiver[] = []
    for (const receiver of this.#receivers) {
      if (receiver === null) continue
      receiver.place = staying.length
      staying.push(receiver)
    }
    this.#receivers = staying
    this.#holes = 0
  }
}
