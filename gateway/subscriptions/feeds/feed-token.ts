import type { Caller } from '../../gateway-request.js'

/** A caller's token, as a source is asked with it. */
export interface FeedToken {
  /** The `Authorization` header; null for nobody's. */
  readonly authorization: string | null
  /** Seconds since the epoch; infinite where nobody knows. */
  readonly lastsUntil: number
}

export function feedTokenOf({ authorization, principal }: Pick<Caller, 'authorization' | 'principal'>): FeedToken {
  return { authorization, lastsUntil: principal?.expiresAtSeconds ?? Infinity }
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
