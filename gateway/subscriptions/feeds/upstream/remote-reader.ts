import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../../../../platform/errors/app-error.js'
import type { ErrorCode } from '../../../../platform/errors/error-codes.js'
import type { Logger } from '../../../../platform/log/logger.js'
import type { FeedEvent, FeedReader } from '../event-feed.js'
import { createEventQueue, type EventQueue } from './event-queue.js'
import { createOpening } from './opening.js'
import type { RemoteFeedOptions, Retrying } from './remote-feed-options.js'
import type { Upstream, UpstreamEnd } from './upstream.js'

const WELL_MS = 30_000 // a connection that lasted so long, or brought an event, was a good one: the count of tries begins anew

interface Attempt {
  readonly end: UpstreamEnd
  /** What it was asked with. */
  readonly authorization: string | null
  readonly wasWell: boolean
}

/** One subscription at a subgraph, over as many connections as it takes. */
export class RemoteReader implements FeedReader {
  readonly log = ''
  readonly head = 0
  readonly backlog = 0
  readonly caughtUp = Promise.resolve()
  /** Settles when the subgraph has accepted it, or refused. */
  readonly opened: Promise<void>
  readonly #options: RemoteFeedOptions
  readonly #closed = new AbortController()
  readonly #opening = createOpening()
  readonly #queue: EventQueue
  #upstream: Upstream | undefined
  #sequence = 0
  /** Whether the next event comes after some that are gone. */
  #hasLost = false

  constructor(options: RemoteFeedOptions) {
    this.#options = options
    this.opened = this.#opening.over
    const source = { pause: () => this.#upstream?.pause(), resume: () => this.#upstream?.resume() }
    this.#queue = createEventQueue(source, () => void this.close())
    this.#run().catch((error: unknown) => {
      options.logger.error({ err: error }, "a subgraph's stream could not be asked for")
      this.#finish(error instanceof AppError ? error : new AppError('INT_INTERNAL_ERROR', { cause: error }))
    })
  }

  [Symbol.asyncIterator](): AsyncGenerator<FeedEvent, void, void> {
    return this.#queue.events
  }

  async close(): Promise<void> {
    this.#closed.abort()
    this.#upstream?.stop()
    this.#queue.close()
    this.#opening.fail(new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE'))
  }

  async #run(): Promise<void> {
    const { tokens, retrying, logger } = this.#options
    const { signal } = this.#closed
    for (let tries = 0; !signal.aborted;) {
      const { end, authorization, wasWell } = await this.#attempt()
      if (end.kind === 'complete') return this.#finish(null)
      this.#hasLost = !this.#opening.isUnderWay
      if (isOfToken(end) && tokens.refuse(authorization)) continue
      if (end.kind === 'refused') return this.#finish(refusalIn(end, logger))
      tries = wasWell ? 1 : tries + 1
      logger.warn({ err: end.cause, tries }, "a subgraph's stream was lost")
      if (this.#opening.isUnderWay || tries > retrying.tries) {
        return this.#finish(new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE'))
      }
      await delay(waitMs(tries, retrying), undefined, { signal }).catch(() => undefined)
    }
  }

  #attempt(): Promise<Attempt> {
    const { tokens, connect, request } = this.#options
    return new Promise((resolve) => {
      const begun = performance.now()
      const { authorization } = tokens
      let brought = false
      this.#upstream = connect(request(authorization), {
        started: () => {
          if (this.#queue.isFull) this.#upstream?.pause()
          this.#opening.succeed()
        },
        next: (payload, bytes) => {
          brought = true
          this.#push(payload, bytes)
        },
        ended: (end) => resolve({ end, authorization, wasWell: brought || performance.now() - begun > WELL_MS }),
      })
    })
  }

  #push(payload: unknown, bytes: number): void {
    this.#sequence += 1
    const event = { sequence: this.#sequence, payload }
    this.#queue.push(this.#hasLost ? { ...event, isAfterLoss: true } : event, bytes)
    this.#hasLost = false
  }

  #finish(fault: AppError | null): void {
    if (fault === null) this.#opening.succeed()
    else this.#opening.fail(fault)
    this.#queue.end(fault)
  }
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
  'SUBSCRIPTION_SESSION_ENDED',
])

function refusalIn({ refusal, subgraphError }: Extract<UpstreamEnd, { kind: 'refused' }>, logger: Logger): AppError {
  if (subgraphError !== undefined) logger.error({ subgraphError }, 'a subgraph failed')
  return refusal
}

/** Half of it by chance: a subgraph that restarts is not met by everybody at once. */
function waitMs(tries: number, { firstMs, longestMs }: Retrying): number {
  return Math.min(longestMs, firstMs * 2 ** (tries - 1)) * (0.5 + Math.random() / 2)
}
