import type { EventFeed, FeedEvent, FeedFrom, FeedReader } from '../feeds/event-feed.js'
import { approximateSize } from './approximate-size.js'
import { breathe } from './breathe.js'
import type { LiveMetrics } from './live-metrics.js'
import { NewestKept, type KeptItem, type KeptLimits } from './newest-kept.js'

export interface ReceivedEvent extends KeptItem {
  readonly payload: unknown
  /** As of a FeedEvent. */
  readonly isAfterLoss: boolean
}

/** How a feed or a stream came to its end: null for one that is complete. */
export interface Ending {
  readonly error: unknown
}

/** What is told of a feed's events; synchronously, in order. */
export interface FeedListener {
  /** Whether reading on now would only put at risk what it has still to take. */
  readonly isBehind: boolean
  /** There is more in `kept`. */
  onEvent(): void
  /** The last thing told. */
  onEnd(ending: Ending): void
}

/** Before the first event of any log. */
export const BEGINNING = -1

/**
 * A second's burst of a busy feed, or what a group that fetches something for every event is behind by; what is half a minute
 * old is somebody's who must read the log again. 16 stay in any case: so many a group may have under way when a reload moves it.
 */
const KEPT_EVENTS: KeptLimits = { maxCount: 1_024, maxBytes: 4_194_304, maxAgeMs: 30_000, minCount: 16 }

const MAXIMUM_BACKLOG = 256 // read for those who come back together; a longer one is read by each who needs it, at their own pace
const BATCH = 64 // events between two turns of the event loop

/** A feed read once for all: its newest events, and word of each that comes. */
export class SharedFeed {
  /** Settles when the feed can be read: no later event is missed then. Rejects with what the feed refuses with. */
  readonly opened: Promise<void>
  readonly feed: EventFeed
  /** Where the first reader wanted to begin. */
  readonly from: FeedFrom
  kept = new NewestKept<ReceivedEvent>(BEGINNING, KEPT_EVENTS)
  /** Everything up to here has come in, or was before this reader's time. */
  position = BEGINNING
  /** The name of the log read; empty where the feed is no log. */
  log = ''
  /** Null as long as it runs. */
  ending: Ending | null = null
  /** Those for whom it is open, each counted by itself. */
  users = 0
  readonly #abort = new AbortController()
  readonly #listeners = new Set<FeedListener>()
  /** Set while everybody is behind: the source waits, which forgets nothing. */
  #goOn: (() => void) | null = null
  readonly #metrics: LiveMetrics

  constructor(feed: EventFeed, from: FeedFrom, metrics: LiveMetrics) {
    this.feed = feed
    this.from = from
    this.#metrics = metrics
    this.opened = new Promise((resolve, reject) => {
      this.#read(resolve).then(
        (error) => (reject(error ?? new Error('The feed was released.')), this.#end({ error })),
        (error: unknown) => (reject(error), this.#end({ error })),
      )
    })
    this.opened.catch(() => {}) // whoever waits for it is told; it may be that nobody does any more
  }

  listen(listener: FeedListener): void {
    this.#listeners.add(listener)
    this.relieve()
  }

  ignore(listener: FeedListener): void {
    this.#listeners.delete(listener)
    this.relieve()
  }

  /** To be called when a listener may have caught up: the source is read on as soon as one of them has. */
  relieve(): void {
    if (this.#goOn !== null && !this.#allBehind()) this.#goOn()
  }

  /** Closes the reader, also one that is still opening. Nobody is told. */
  close(): void {
    this.#listeners.clear()
    this.#abort.abort()
    this.relieve()
  }

  /** Resolves when the feed is complete or closed. */
  async #read(opened: () => void): Promise<null> {
    const { signal } = this.#abort
    const reader = await this.#open(signal)
    const close = () => void reader.close().catch(() => {}) // its iteration ends or throws, which says the same
    signal.addEventListener('abort', close, { once: true })
    try {
      if (signal.aborted) return null
      this.log = reader.log
      let count = 0
      const caughtUp = () => {
        this.position = Math.max(this.position, reader.head)
        opened()
      }
      if (reader.backlog === 0) caughtUp()
      else void reader.caughtUp.then(caughtUp)
      for await (const event of reader) {
        if (signal.aborted) return null
        this.#take(event)
        count += 1
        if (count % BATCH === 0) await breathe()
        if (this.#allBehind()) await this.#relieved()
      }
      opened()
      return null
    } finally {
      signal.removeEventListener('abort', close)
      await reader.close()
    }
  }

  async #open(signal: AbortSignal): Promise<FeedReader> {
    const reader = await this.feed.open(this.from, signal)
    if (this.from === 'new' || reader.backlog > MAXIMUM_BACKLOG) return this.#openNew(reader, signal)
    this.position = this.from === 'all' ? BEGINNING : this.from.afterSequence
    this.kept = new NewestKept(this.position, KEPT_EVENTS)
    return reader
  }

  async #openNew(opened: FeedReader, signal: AbortSignal): Promise<FeedReader> {
    const reader = this.from === 'new' ? opened : await this.feed.open('new', signal).finally(() => opened.close())
    this.position = reader.head
    this.kept = new NewestKept(this.position, KEPT_EVENTS)
    return reader
  }

  /** One that keeps up is not to be held up by those that do not. */
  #allBehind(): boolean {
    if (this.#listeners.size === 0) return false
    for (const listener of this.#listeners) if (!listener.isBehind) return false
    return true
  }

  #relieved(): Promise<void> {
    return new Promise((resolve) => {
      this.#goOn = () => {
        this.#goOn = null
        resolve()
      }
    })
  }

  #take({ sequence, payload, isAfterLoss = false }: FeedEvent): void {
    if (sequence <= this.position) return
    this.kept.push({ sequence, payload, isAfterLoss, receivedAt: performance.now(), bytes: approximateSize(payload) })
    this.position = sequence
    this.#metrics.eventReceived()
    for (const listener of this.#listeners) listener.onEvent()
  }

  #end(ending: Ending): void {
    if (this.ending !== null) return
    this.ending = ending
    for (const listener of [...this.#listeners]) listener.onEnd(ending)
  }
}
