import { AppError } from '../../../../platform/errors/app-error.js'
import type { Logger } from '../../../../platform/log/logger.js'
import type { EventFeed } from '../event-feed.js'
import type { FeedTokens } from '../feed-tokens.js'
import { RemoteReader } from './remote-reader.js'
import type { ConnectUpstream, UpstreamRequest } from './upstream.js'

export interface Retrying {
  /** How often in a row a lost subscription is begun again. */
  readonly tries: number
  /** The wait before the first; it doubles. */
  readonly firstMs: number
  readonly longestMs: number
}

export interface RemoteFeedOptions {
  readonly key: string
  readonly connect: ConnectUpstream
  readonly tokens: FeedTokens
  /** Made anew for every connection, with the token as it is then: a hook may sign it. */
  readonly request: (authorization: string | null) => UpstreamRequest
  readonly retrying: Retrying
  readonly logger: Logger
}

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
