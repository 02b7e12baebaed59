/**
 * What a frontend uses to follow live streams, in browsers and Node. In: typed subscriptions and a source of access tokens.
 * Out: one async iterator a stream, whose events come once and in order over however many connections it takes: it keeps
 * the cursor of the last answer, goes on from it after a cut or when a gateway sends its clients elsewhere, on any replica,
 * and renews the token in place. It refuses to hide what it can't make good: see `whenLost`, `gap` and the errors' codes.
 */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import { createGatewayConnection, type ConnectionTiming } from './gateway-connection.js'
import type { LiveResult } from './live-result.js'
import { openLiveStream } from './live-stream.js'
import type { AccessTokenSource } from './token-renewal.js'

export interface SubscriptionClientOptions {
  /** The gateway's addresses, `ws:` or `wss:` (`http:` is read as `ws:`). Several are replicas of one gateway. */
  readonly url: string | readonly [string, ...string[]]
  /**
   * Asked before every connection and again before the token it gave expires (JSON Web Tokens say when): the newer one goes to
   * the gateway over the socket in use. Null, or no source at all, connects as nobody.
   */
  readonly accessToken?: AccessTokenSource
  /** A WebSocket class where the platform has none (Node before 22): the `ws` package's. */
  readonly webSocketImpl?: unknown
  readonly timing?: Partial<ConnectionTiming>
}

export interface SubscribeOptions {
  /** Begins right after the answer this cursor came with, instead of where the field begins. */
  readonly cursor?: string | null
  /**
   * Answers that may wait for the loop to take them, 256 unless given. When so many do, the client lets the stream go and
   * resumes it once half are taken: a slow loop costs no memory and misses nothing that the log still keeps.
   */
  readonly bufferSize?: number
  /**
   * What becomes of a stream whose place is lost: the log no longer reaches back to it (CURSOR_EXPIRED), or the answers
   * carry no cursors and the connection was cut (STREAM_INTERRUPTED). 'throw' unless given; 'begin anew' subscribes
   * afresh, and the first answer says so: `gap: { missed: null }`.
   */
  readonly whenLost?: 'throw' | 'begin anew'
  /** Aborting it ends the stream: the loop throws the signal's reason. */
  readonly signal?: AbortSignal
}

export interface SubscriptionClient {
  /**
   * The stream begins with the first `next`. Leaving the loop ends it; the server is told. The iterator ends when the
   * server completes and throws, after what came before:
   * - GraphqlRequestError with a code of docs/errors.md when the server refuses or ends the stream for good. What can
   *   be resumed is (SUBSCRIPTION_LAGGING, SUBSCRIPTION_SOURCE_UNAVAILABLE, a subgraph that is away), once it has begun;
   * - StreamLostError with a code when it is lost on this side.
   *
   * A stream is told where it begins, and goes on from there when it is cut off before its first answer. Only what comes
   * between the cut and that word may be missed by a field that begins with new events.
   */
  subscribe<Data, Variables extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    options?: SubscribeOptions,
  ): AsyncIterableIterator<LiveResult<Data>>
  /** Closes the socket. Streams end; one that is between two connections throws CONNECTION_LOST. */
  close(): Promise<void>
}

const BUFFERED = 256

const defaultTiming: ConnectionTiming = {
  renewBeforeMs: 30_000, // a sign-in service may take seconds
  pingEveryMs: 15_000, // below what proxies and routers forget connections after
  answerWithinMs: 10_000,
  longestWaitMs: 5_000, // a gateway is back within seconds or minutes
  tryForMs: 300_000, // logs of events keep minutes
}

/** A client of one gateway. Opens nothing until it is used. */
export function createSubscriptionClient(options: SubscriptionClientOptions): SubscriptionClient {
  const urls = typeof options.url === 'string' ? [options.url] : options.url
  const connection = createGatewayConnection({
    urls: urls.map((url) => url.replace(/^http/, 'ws')),
    accessToken: options.accessToken,
    webSocketImpl: options.webSocketImpl,
    timing: { ...defaultTiming, ...options.timing },
  })
  let streams = 0
  return {
    subscribe<Data, Variables extends Record<string, unknown>>(
      document: TypedDocumentNode<Data, Variables>,
      variables: Variables,
      { cursor = null, bufferSize = BUFFERED, whenLost = 'throw', signal }: SubscribeOptions = {},
    ) {
      const request = { query: print(document), variables, beginning: String((streams += 1)) }
      return openLiveStream<Data>(connection, request, { cursor, bufferSize, whenLost, signal })
    },
    close: () => connection.close(),
  }
}
