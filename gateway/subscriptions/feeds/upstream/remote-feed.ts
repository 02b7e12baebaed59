import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../../../../platform/errors/app-error.js'
import type { ErrorCode } from '../../../../platform/errors/error-codes.js'
import type { Logger } from '../../../../platform/log/logger.js'
import type { EventFeed, FeedReader } from '../event-feed.js'
import type { FeedToken } from '../feed-token.js'
import { createEventQueue } from './event-queue.js'
import type { ConnectUpstream, Upstream, UpstreamEnd, UpstreamRequest } from './upstream.js'

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
  readonly token: FeedToken
  /** Made anew for every connection, with the token as it is then: a hook may sign it. */
  readonly request: (authorization: string | null) => UpstreamRequest
  readonly retrying: Retrying
  readonly logger: Logger
}

/**
 * The results of a subscription at a subgraph. It is no log: a reader begins with what comes. A lost connection is made again
 * and subscribed anew, and its readers hear nothing of that but the events in between, which are gone; once the tries are used
 * up they hear SUBSCRIPTION_SOURCE_UNAVAILABLE. A reader that is slow makes the subgraph wait. A newer token is for the next
 * connection, which is made at once where the subgraph takes the one before it no longer.
 */
export function createRemoteFeed(options: RemoteFeedOptions): EventFeed {
  return {
    key: options.key,
    isLog: false,
    token: options.token,
    async open(from, signal) {
      if (typeof from === 'object') throw new AppError('CURSOR_EXPIRED')
      if (signal.aborted) throw new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE')
      const { reader, opened } = openReader(options)
      const leave = () => void reader.close()
      signal.addEventListener('abort', leave, { once: true })
      await opened.finally(() => signal.removeEventListener('abort', leave))
      return reader
    },
  }
}

const WELL_MS = 30_000 // a connection that lasted so long, or brought an event, was a good one: the count of tries begins anew

const NOTHING_STORED = { log: '', head: 0, backlog: 0, caughtUp: Promise.resolve() }

interface Attempt {
  readonly end: UpstreamEnd
  /** What it was asked with. */
  readonly authorization: string | null
  readonly wasWell: boolean
}

function openReader({ connect, token, request, retrying, logger }: RemoteFeedOptions) {
  const closed = new AbortController()
  let upstream: Upstream | undefined
  let sequence = 0
  const opening = createOpening()
  const queue = createEventQueue({ pause: () => upstream?.pause(), resume: () => upstream?.resume() }, () => close())
  const close = (): void => {
    closed.abort()
    upstream?.stop()
    queue.close()
    opening.fail(new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE'))
  }

  const attempt = () =>
    new Promise<Attempt>((resolve) => {
      const begun = performance.now()
      const { authorization } = token
      let brought = false
      upstream = connect(request(authorization), {
        started() {
          if (queue.isFull) upstream?.pause()
          opening.succeed()
        },
        next(payload, bytes) {
          brought = true
          sequence += 1
          queue.push({ sequence, payload }, bytes)
        },
        ended: (end) => resolve({ end, authorization, wasWell: brought || performance.now() - begun > WELL_MS }),
      })
    })
  const finish = (fault: AppError | null): void => {
    if (fault === null) opening.succeed()
    else opening.fail(fault)
    queue.end(fault)
  }
  const run = async (): Promise<void> => {
    for (let tries = 0; !closed.signal.aborted;) {
      const { end, authorization, wasWell } = await attempt()
      if (end.kind === 'complete') return finish(null)
      if (isOfToken(end) && authorization !== token.authorization) continue
      if (end.kind === 'refused') return finish(refusalIn(end, logger))
      tries = wasWell ? 1 : tries + 1
      logger.warn({ err: end.cause, tries }, "a subgraph's stream was lost")
      if (opening.isUnderWay || tries > retrying.tries) return finish(new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE'))
      await delay(waitMs(tries, retrying), undefined, { signal: closed.signal }).catch(() => undefined)
    }
  }
  run().catch((error: unknown) => {
    logger.error({ err: error }, "a subgraph's stream could not be asked for")
    finish(error instanceof AppError ? error : new AppError('INT_INTERNAL_ERROR', { cause: error }))
  })
  const reader: FeedReader = {
    ...NOTHING_STORED,
    [Symbol.asyncIterator]: () => queue.events,
    close: async () => close(),
  }
  return { reader, opened: opening.over }
}

/** Whether another token may change it: 401, 403, 4401, 4403, and what a subgraph itself says of one. */
function isOfToken(end: UpstreamEnd): boolean {
  return end.kind === 'refused' && OF_TOKENS.has(end.refusal.code)
}

const OF_TOKENS: ReadonlySet<ErrorCode> = new Set([
  'AUTH_TOKEN_EXPIRED',
  'AUTH_TOKEN_INVALID',
  'AUTHZ_FORBIDDEN',
  'SUBSCRIPTION_TOKEN_EXPIRED',
])

function refusalIn({ refusal, subgraphError }: Extract<UpstreamEnd, { kind: 'refused' }>, logger: Logger): AppError {
  if (subgraphError !== undefined) logger.error({ subgraphError }, 'a subgraph failed')
  return refusal
}

/** A promise that is kept or broken once, by whichever happens first. */
function createOpening() {
  let isUnderWay = true
  let succeed = () => {}
  let fail: (fault: AppError) => void = () => {}
  const over = new Promise<void>((resolve, reject) => {
    succeed = resolve
    fail = reject
  })
  const settling =
    <Values extends unknown[]>(settle: (...values: Values) => void) =>
    (...values: Values) => {
      isUnderWay = false
      settle(...values)
    }
  return {
    over,
    succeed: settling(succeed),
    fail: settling(fail),
    get isUnderWay() {
      return isUnderWay
    },
  }
}

/** Half of it by chance: a subgraph that restarts is not met by everybody at once. */
function waitMs(tries: number, { firstMs, longestMs }: Retrying): number {
  return Math.min(longestMs, firstMs * 2 ** (tries - 1)) * (0.5 + Math.random() / 2)
}
