import type { Caller } from '../../gateway-request.js'

/**
 * The token that a source is asked with. Those who share a feed agree in all that their tokens say of them, but not in how long
 * they last: the source is asked with whichever lasts longest, and is not left for a newer one while it runs.
 */
export class FeedToken {
  /** The `Authorization` header; null for nobody's. */
  authorization: string | null
  /** Seconds since the epoch; infinite where nobody knows. */
  lastsUntil: number

  constructor({ authorization, principal }: Pick<Caller, 'authorization' | 'principal'>) {
    this.authorization = authorization
    this.lastsUntil = principal?.expiresAtSeconds ?? Infinity
  }

  /** To be asked with the other one from the next connection on, where that lasts longer. */
  renew({ authorization, lastsUntil }: FeedToken): void {
    if (lastsUntil <= this.lastsUntil) return
    this.authorization = authorization
    this.lastsUntil = lastsUntil
  }
}

/** What tells a token from the one before it, and nothing of its bearer: RFC 7519, section 4.1. */
const OF_ONE_TOKEN: ReadonlySet<string> = new Set(['exp', 'nbf', 'iat', 'jti'])

/**
 * What a source may tell callers apart by: every claim of a verified token but those of the one token, as pairs in the order of
 * their names. The token itself where nobody has verified it.
 */
export function bearerOf({ authorization, principal }: Pick<Caller, 'authorization' | 'principal'>): unknown {
  if (principal === null) return { token: authorization }
  const { userId, sessionId, claims } = principal
  const told = Object.entries(claims).filter(([name]) => !OF_ONE_TOKEN.has(name))
  return { userId, sessionId, claims: told.sort(([one], [other]) => (one < other ? -1 : 1)) }
}
