/**
 * What a process knows of tokens that ended before their time. In: the bus. Out: whether a token is to be refused, and how well
 * it is known. It refuses to go by old knowledge: while the bus is away, tokens are good for a short time after they were
 * issued, because whoever issued them asked the database (decision 17).
 */
import { setTimeout as delay } from 'node:timers/promises'
import { BusUnavailableError, type Bus } from '../bus/bus.js'
import type { Logger } from '../log/logger.js'
import type { HealthCheck } from '../service/health.js'
import { createEndedTokens, type EndableToken, type EndedTokens } from './ended-tokens.js'
import { followTokenEnds } from './follow-token-ends.js'
import type { TokenEndSource } from './token-end-source.js'

/** Why a token is refused whose signature and time are good. */
export type TokenRefusal = 'ended' | 'unconfirmed'

export interface TokenEnds extends Pick<EndedTokens, 'has' | 'onEnd' | 'size'> {
  /** `ended`: it was ended. `unconfirmed`: it can't be told for the last `staleMs`. Null: neither. */
  refusalOf(token: EndableToken): TokenRefusal | null
  /** How long ago everything was known, in milliseconds; Infinity before it was for the first time. */
  readonly knownForMs: number
  /** Refusals so far. */
  readonly refused: Readonly<Record<TokenRefusal, number>>
  /** For /ready: `down` until everything was known once, `degraded` when the bus is away later. */
  readonly health: HealthCheck
  close(): Promise<void>
}

export interface OpenTokenEndsOptions {
  readonly bus: Pick<Bus, 'follow'>
  readonly sources: readonly TokenEndSource[]
  readonly logger: Logger
  /** The oldest knowledge a token is accepted by. */
  readonly staleMs?: number
  /** How long the opening waits until everything is known. */
  readonly openWaitMs?: number
  readonly confirmEveryMs?: number
  readonly retryMs?: number
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** Milliseconds that only ever grow. */
  readonly monotonic?: () => number
}

const STALE_MS = 120_000 // longer than a broker takes to restart or to fail over, far shorter than a token lives
const DOUBTFUL_MS = 10_000 // a probe is answered within a second or two; this long without is worth a word to operators
const OPEN_WAIT_MS = 10_000
const LOOK_EVERY_MS = 10

/** Resolves when all ends told so far are known, or after `openWaitMs` without: then tokens are refused until they are. */
export async function openTokenEnds(options: OpenTokenEndsOptions): Promise<TokenEnds> {
  const { bus, sources, logger, staleMs = STALE_MS, openWaitMs = OPEN_WAIT_MS, now = Date.now } = options
  const { monotonic = () => performance.now(), confirmEveryMs, retryMs } = options
  const ended = createEndedTokens({ claims: sources.map(({ claim }) => claim), now })
  const knownAt = sources.map(() => -Infinity)
  const followers = sources.map((source, index) =>
    followTokenEnds({
      bus,
      source,
      ended,
      logger,
      monotonic,
      confirmed: (askedAtMs) => (knownAt[index] = askedAtMs),
      ...(confirmEveryMs !== undefined && { confirmEveryMs }),
      ...(retryMs !== undefined && { retryMs }),
    }),
  )
  const refused = { ended: 0, unconfirmed: 0 }
  const knownForMs = (): number => monotonic() - Math.min(...knownAt)
  const judge = (token: EndableToken): TokenRefusal | null => {
    if (ended.has(token)) return 'ended'
    if (knownForMs() <= staleMs) return null
    const { iat } = token.claims
    return typeof iat === 'number' && now() - iat * 1_000 <= staleMs ? null : 'unconfirmed'
  }
  const opened: TokenEnds = {
    refusalOf(token) {
      const refusal = judge(token)
      if (refusal !== null) refused[refusal] += 1
      return refusal
    },
    has: (token) => ended.has(token),
    onEnd: (listener) => ended.onEnd(listener),
    get size() {
      return ended.size
    },
    get knownForMs() {
      return knownForMs()
    },
    refused,
    health: {
      async check() {
        if (knownForMs() > DOUBTFUL_MS) throw new BusUnavailableError()
      },
      get whenFailing() {
        return knownForMs() === Infinity ? 'down' : 'degraded'
      },
    },
    async close() {
      await Promise.all(followers.map((follower) => follower.close()))
    },
  }
  await untilKnown(opened, openWaitMs)
  if (opened.knownForMs === Infinity) logger.warn('which tokens have ended is not known yet: old ones are refused')
  return opened
}

async function untilKnown(ends: TokenEnds, waitMs: number): Promise<void> {
  const deadline = performance.now() + waitMs
  while (ends.knownForMs === Infinity && performance.now() < deadline) await delay(LOOK_EVERY_MS)
}
