import { setTimeout as delay } from 'node:timers/promises'
import { EventsLostError, type Bus, type FollowedEvent, type Follower } from '../bus/bus.js'
import type { Logger } from '../log/logger.js'
import { REMEMBERED_MS, type EndedTokens } from './ended-tokens.js'
import type { TokenEndSource } from './token-end-source.js'

export interface FollowTokenEndsOptions {
  readonly bus: Pick<Bus, 'follow'>
  readonly source: TokenEndSource
  readonly ended: Pick<EndedTokens, 'end'>
  /** Called when all that was stored at `askedAtMs`, on the clock of `monotonic`, is known. */
  readonly confirmed: (askedAtMs: number) => void
  readonly logger: Logger
  /** Milliseconds that only ever grow. */
  readonly monotonic: () => number
  readonly retryMs?: number
  readonly confirmEveryMs?: number
}

const RETRY_MS = 1_000
const CONFIRM_EVERY_MS = 1_000 // one small question to the broker a process

/**
 * Tells of every end of tokens, as long as it is not closed. It follows and never consumes, so that each process hears of all
 * of them. It reads from where ends begin to matter, again too when the bus could not go on where it was: an end told twice is
 * harmless, and what was told while nobody listened is caught up with.
 */
export function followTokenEnds(options: FollowTokenEndsOptions): { close(): Promise<void> } {
  const { bus, source, ended, logger, retryMs = RETRY_MS } = options
  const closing = new AbortController()
  let follower: Follower | undefined

  const readAll = async (): Promise<void> => {
    follower = await bus.follow(source.subject, { since: new Date(Date.now() - REMEMBERED_MS) })
    if (closing.signal.aborted) return follower.close()
    const done = new AbortController()
    const confirming = confirm(follower, options, AbortSignal.any([closing.signal, done.signal]))
    try {
      for await (const event of follower) {
        const value = fieldOf(event, source.field)
        if (value !== null) ended.end({ claim: source.claim, value, endedAtMs: timeOf(event) })
        else logger.warn({ sequence: event.sequence, field: source.field }, 'an end of tokens names nobody')
      }
    } finally {
      done.abort()
      await confirming
    }
  }
  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await readAll().catch((error: unknown) => {
        if (closing.signal.aborted || error instanceof EventsLostError) return
        logger.warn({ err: error }, 'ends of tokens are not heard of just now')
      })
      await delay(retryMs, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    async close() {
      closing.abort()
      await follower?.close()
      await running
    },
  }
}

/** Asks again and again whether the follower has everything: a broker that is away is silent, as one with nothing to tell is. */
async function confirm(
  follower: Follower,
  { confirmed, monotonic, confirmEveryMs = CONFIRM_EVERY_MS }: FollowTokenEndsOptions,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const askedAtMs = monotonic()
    const isCurrent = await follower.isCurrent().catch(() => false)
    if (isCurrent && !signal.aborted) confirmed(askedAtMs)
    await delay(isCurrent ? confirmEveryMs : Math.min(confirmEveryMs, 50), undefined, { signal }).catch(() => undefined)
  }
}

function fieldOf({ envelope: { data } }: FollowedEvent, field: string): string | null {
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, field)) return null
  const value: unknown = Reflect.get(data, field)
  return typeof value === 'string' && value !== '' ? value : null
}

function timeOf({ envelope }: FollowedEvent): number {
  const timeMs = Date.parse(envelope.occurredAt)
  return Number.isNaN(timeMs) ? Date.now() : timeMs
}
