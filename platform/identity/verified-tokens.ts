import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Principal } from './principal.js'

export interface VerifiedTokens {
  /** Undefined for a token that has to be verified. */
  find(token: string): Principal | undefined
  /** Grows with every `forget`. */
  readonly era: number
  /** Unless all has been forgotten since `era`: then it was found good by keys that may be none any more. */
  remember(token: string, principal: Principal, era: number): void
  /** Forgets all: the keys are others. */
  forget(): void
}

export interface VerifiedTokensOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const MAXIMUM_TOKENS = 5_000 // a principal takes about a kilobyte
const MAXIMUM_AGE_MS = 30_000 // after that the signature is looked at anew: so long may a key that was withdrawn still count

/**
 * Tokens that were found good a moment ago, by their digests: the tokens themselves are not kept. Checking a signature costs
 * more than all the rest of a small request.
 */
export function createVerifiedTokens({ now }: VerifiedTokensOptions): VerifiedTokens {
  const known = new LRUCache<string, { readonly principal: Principal; readonly until: number }>({ max: MAXIMUM_TOKENS })
  let era = 0
  return {
    get era() {
      return era
    },
    find(token) {
      const entry = known.get(digest(token))
      return entry !== undefined && now() < entry.until ? entry.principal : undefined
    },
    remember(token, principal, since) {
      if (since !== era) return
      const until = Math.min(principal.expiresAtSeconds * 1_000, now() + MAXIMUM_AGE_MS)
      known.set(digest(token), { principal, until })
    },
    forget() {
      era += 1
      known.clear()
    },
  }
}

function digest(token: string): string {
  return hash('sha256', token, 'base64')
}
