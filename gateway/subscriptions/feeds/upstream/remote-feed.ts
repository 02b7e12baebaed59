import { AppError } from '../../../../platform/errors/app-error.js'
import type { EventFeed } from '../event-feed.js'
import type { RemoteFeedOptions } from './remote-feed-options.js'
import { RemoteReader } from './remote-reader.js'

/**
 * The results of a subscription at a subgraph. It is no log: a reader begins with what comes. A lost connection is made again
 * and subscribed anew; the events in between are gone, which the next one says. Once the tries are used up its readers hear
 * SUBSCRIPTION_SOURCE_UNAVAILABLE. A reader that is slow makes the subgraph wait. A newer token is for the next connection,
 * which is made at once where the subgraph takes the one before it no longer.
 */
export function createRemoteFeed(options: RemoteFeedOptions): EventFeed {
  return {
    key: options.key,
    isLog: false,
    tokens: options.tokens,
    async open(from, signal) {
      if (typeof from === 'object') throw new AppError('CURSOR_EXPIRED')
      if (signal.aborted) throw new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE')
      const reader = new RemoteReader(options)
      const leave = () => void reader.close()
      signal.addEventListener('abort', leave, { once: true })
      await reader.opened.finally(() => signal.removeEventListener('abort', leave))
      return reader
    },
  }
}
