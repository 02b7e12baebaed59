import { AppError } from '../../../platform/errors/app-error.js'
import type { EventFeed, FeedFrom } from '../feeds/event-feed.js'
import type { FeedToken } from '../feeds/feed-token.js'
import type { LiveMetrics } from './live-metrics.js'
import { SharedFeed } from './shared-feed.js'

/** A feed that is open for somebody, and the token it may be asked with as long as it is; null for none. */
export interface HeldFeed {
  readonly shared: SharedFeed
  readonly token: FeedToken | null
}

/** How the caller for whom a feed was made holds the one that is read. */
export function heldBy({ tokens }: EventFeed, shared: SharedFeed): HeldFeed {
  return { shared, token: tokens?.own ?? null }
}

/** The feeds being read: each key once, for as long as somebody uses it. */
export class SharedFeeds {
  readonly #feeds = new Map<string, SharedFeed>()
  readonly #metrics: LiveMetrics

  constructor(metrics: LiveMetrics) {
    this.#metrics = metrics
  }

  /** Those open, or opening. */
  get size(): number {
    return this.#feeds.size
  }

  /**
   * The feed, open and to be given back by `release`. `wanted`: where its user would begin; a feed that is open already is
   * not opened again. Throws what the feed refuses with, and the signal's reason.
   */
  async acquire(feed: EventFeed, wanted: FeedFrom, signal: AbortSignal): Promise<HeldFeed> {
    const from = feed.isLog ? wanted : 'new'
    for (;;) {
      const shared = this.#feedFor(feed, from)
      const held = heldBy(feed, shared)
      this.retain(held)
      try {
        await unlessAborted(shared.opened, signal)
        return held
      } catch (error) {
        this.release(held)
        // it was opened where another one wanted to begin, whose place the log no longer keeps
        if (signal.aborted || !isExpiry(error) || shared.from === from) throw error
      }
    }
  }

  /** For another user of an open feed. */
  retain({ shared, token }: HeldFeed): void {
    shared.users += 1
    if (token !== null) shared.feed.tokens?.hold(token)
  }

  /** The source is not asked with its token any more. */
  release({ shared, token }: HeldFeed): void {
    shared.users -= 1
    if (token !== null) shared.feed.tokens?.drop(token)
    if (shared.users > 0) return
    this.#forget(shared)
    shared.close()
  }

  #feedFor(feed: EventFeed, from: FeedFrom): SharedFeed {
    const known = this.#feeds.get(feed.key)
    if (known !== undefined && known.ending === null) return known
    const shared = new SharedFeed(feed, from, this.#metrics)
    this.#feeds.set(feed.key, shared)
    return shared
  }

  #forget(shared: SharedFeed): void {
    if (this.#feeds.get(shared.feed.key) === shared) this.#feeds.delete(shared.feed.key)
  }
}

function isExpiry(error: unknown): boolean {
  return error instanceof AppError && error.code === 'CURSOR_EXPIRED'
}

function unlessAborted(opened: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new Error('Nobody waits any longer.'))
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    opened.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
