import { z } from 'zod'

const claims = z.object({ exp: z.number(), iat: z.number().optional() })

/**
 * For how many milliseconds from now a JSON Web Token is good, null where it does not say. Where this machine's clock
 * contradicts the token's, its whole lifetime is meant: a token is handed out when it is new.
 */
export function tokenLifetimeMs(token: string, nowMs: number = Date.now()): number | null {
  const read = readClaims(token)
  if (read === null) return null
  const { exp, iat } = read
  const now = nowMs / 1_000
  if (iat === undefined) return Math.max(0, exp - now) * 1_000
  const isPlausible = now >= iat - CLOCK_SKEW_S && now <= exp
  return Math.max(0, isPlausible ? exp - Math.max(now, iat) : exp - iat) * 1_000
}

const CLOCK_SKEW_S = 5 // what the verifiers of the platform forgive

/** RFC 7519, section 3: three parts in base64url, the second holding the claims. Not verified: the gateway does that. */
function readClaims(token: string): z.output<typeof claims> | null {
  try {
    const [, payload = ''] = token.split('.')
    return claims.safeParse(JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))).data ?? null
  } catch {
    return null // not a JSON Web Token
  }
}
