import type { Logger } from '../../../../platform/log/logger.js'
import type { FeedTokens } from '../feed-tokens.js'
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
