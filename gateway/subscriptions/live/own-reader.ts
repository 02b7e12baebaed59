import { AppError } from '../../../platform/errors/app-error.js'
import type { EventFeed, FeedEvent, FeedReader } from '../feeds/event-feed.js'
import { approximateSize } from './approximate-size.js'
import type { Place, Places } from './places.js'
import { BEGINNING, type ReceivedEvent } from './shared-feed.js'

/** Readers of those who fell behind at a time: each is a consumer of the broker's, and has events of its own in memory. Others wait for their turn. */
export const MAXIMUM_OWN_READERS = 64
const TURN = 1_024 // events, where others wait: a log of a week must not hold up those who missed a minute

interface OpenReader {
  readonly reader: FeedReader
  readonly events: AsyncIterator<FeedEvent>
  readonly place: Place
  readonly close: () => Promise<void>
  count: number
  isCaughtUp: boolean
  /** Asked for, and not here yet. */
  next: Promise<IteratorResult<FeedEvent>> | null
}

/** Whoever fell behind, a client or a group. */
export interface Latecomer {
  /** It has had everything up to here; the reader moves it past what concerns nobody. */
  position: number
  /** Aborted when it needs no reader any more. */
  readonly signal: AbortSignal
}

/** The log from somebody's position on, opened when it is needed first, and again wherever it had to make room for others. */
export class OwnReader {
  readonly #latecomer: Latecomer
  readonly #feed: EventFeed
  readonly #places: Places
  #open: OpenReader | null = null

  constructor(latecomer: Latecomer, feed: EventFeed, places: Places) {
    this.#latecomer = latecomer
    this.#feed = feed
    this.#places = places
  }

  /** Null when everything that had been stored when it was opened is read. Throws AppError. */
  async next(): Promise<ReceivedEvent | null> {
    if (this.#open !== null && this.#open.count >= TURN && this.#open.place.isWanted) await this.close()
    const open = (this.#open ??= await this.#begin())
    const next = await nextOrCaughtUp(open)
    if (next === null) {
      open.isCaughtUp = true
      this.#latecomer.position = Math.max(this.#latecomer.position, open.reader.head)
      return null
    }
    if (next.done === true) throw new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE')
    open.count += 1
    const { sequence, payload } = next.value
    return { sequence, payload, isAfterLoss: false, receivedAt: performance.now(), bytes: approximateSize(payload) }
  }

  /** While its client reads nothing it makes room for others, and is opened anew afterwards. */
  async during(pause: Promise<void>): Promise<void> {
    this.#open?.place.rest(() => void this.close().catch(() => {})) // there is nobody to tell: it is opened anew
    await pause
    this.#open?.place.wake()
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = null
    await open?.close()
  }

  async #begin(): Promise<OpenReader> {
    const feed = this.#feed
    const { signal } = this.#latecomer
    if (!feed.isLog) throw new AppError('SUBSCRIPTION_LAGGING')
    const place = await this.#places.take(signal)
    try {
      const { position } = this.#latecomer
      const reader = await feed.open(position === BEGINNING ? 'all' : { afterSequence: position }, signal)
      const onAbort = () => void reader.close().catch(() => {}) // its iteration ends, which says the same
      if (signal.aborted) onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      const close = () => {
        signal.removeEventListener('abort', onAbort)
        place.leave()
        return reader.close()
      }
      return { reader, events: reader[Symbol.asyncIterator](), place, close, count: 0, isCaughtUp: false, next: null }
    } catch (error) {
      place.leave()
      throw error
    }
  }
}

/** Null, once, when what had been stored has gone by: its end may be something that is no event. */
async function nextOrCaughtUp(open: OpenReader): Promise<IteratorResult<FeedEvent> | null> {
  const { events, reader } = open
  if (!open.isCaughtUp && reader.backlog === 0) return null
  const asked = (open.next ??= events.next())
  const next = open.isCaughtUp ? await asked : await Promise.race([asked, reader.caughtUp.then(() => null)])
  if (next !== null) open.next = null
  return next
}
