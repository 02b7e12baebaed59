/**
 * Which access tokens have ended before their time. In: ends, as the bus tells them. Out: whether a token is among them, and a
 * word to whoever has something open for it. It refuses to know what a session or a person is: a claim and its value are.
 */
import type { Principal } from './principal.js'

/** All tokens whose claim has this value. */
export interface TokenEnd {
  readonly claim: string
  readonly value: string
  /** Milliseconds since the epoch, by the clock that dates tokens. */
  readonly endedAtMs: number
}

/** What of a verified token its end is decided by. */
export type EndableToken = Pick<Principal, 'claims' | 'keyId'>

export interface EndedTokens {
  /** Whether it has ended. Costs a look-up for each claim that ends are told of. */
  has(token: EndableToken): boolean
  /** Keeps an end in mind until no token of it can be good any more, then tells the listeners. Harmless when told again. */
  end(end: TokenEnd): void
  /** From now on `listener` is called with every end, in the turn it is told, also with one told before. Returns how to stop. */
  onEnd(listener: (end: TokenEnd) => void): () => void
  /** Ends in mind. */
  readonly size: number
}

export interface EndedTokensOptions {
  /** The claims that ends are told of. */
  readonly claims: readonly string[]
  /** The longest that a token lives. */
  readonly rememberMs?: number
  readonly maxRemembered?: number
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

const LONGEST_TOKEN_MS = 3_600_000 // what AUTH_ACCESS_TOKEN_SECONDS allows; service clients get no longer ones
const CLOCKS_MS = 60_000 // verifiers forgive 5 s, and machines' clocks differ
/** How long after its end a token may still look good. */
export const REMEMBERED_MS = LONGEST_TOKEN_MS + CLOCKS_MS
const MAX_REMEMBERED = 250_000 // about 40 MB: seventy ends a second for an hour; of more the oldest are forgotten

export function createEndedTokens(options: EndedTokensOptions): EndedTokens {
  const { rememberMs = REMEMBERED_MS, maxRemembered = MAX_REMEMBERED, now = Date.now } = options
  const claims = [...new Set(options.claims)]
  /** When each ended, in the order in which they were told, which is nearly that of their ends. */
  const ends = new Map<string, number>()
  const listeners = new Set<(end: TokenEnd) => void>()

  const forget = (): void => {
    const before = now() - rememberMs
    for (const [key, endedAtMs] of ends) {
      if (endedAtMs > before && ends.size <= maxRemembered) return
      ends.delete(key)
    }
  }
  return {
    has(token) {
      return claims.some((claim) => {
        const value = valueOf(token, claim)
        const endedAtMs = value === null ? undefined : ends.get(keyOf(claim, value))
        return endedAtMs !== undefined && now() - endedAtMs < rememberMs && isCovered(token, claim, endedAtMs)
      })
    },
    end(told) {
      const { claim, value } = told
      const endedAtMs = Math.min(told.endedAtMs, now()) // an end from tomorrow is not to be kept until then
      const key = keyOf(claim, value)
      const latest = Math.max(endedAtMs, ends.get(key) ?? -Infinity)
      ends.delete(key)
      if (now() - latest < rememberMs) ends.set(key, latest)
      forget()
      for (const listener of listeners) listener({ claim, value, endedAtMs })
    },
    onEnd(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    get size() {
      return ends.size
    },
  }
}

/** Whether the end of `value` is that of this token too; see `TokenEndSource.claim`. */
export function isCovered({ claims }: EndableToken, claim: string, endedAtMs: number): boolean {
  if (claim !== 'sub') return true
  const { iat } = claims
  return typeof iat !== 'number' || iat * 1_000 <= endedAtMs
}

/** What a token says for a claim that ends are told of; null where it says nothing to go by. */
export function valueOf({ claims, keyId }: EndableToken, claim: string): string | null {
  const value = claim === 'kid' ? keyId : claims[claim]
  return typeof value === 'string' ? value : null
}

function keyOf(claim: string, value: string): string {
  return `${claim}=${value}`
}
