import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { AppError } from '../errors/app-error.js'
import type { TokenEnds } from './open-token-ends.js'
import type { Principal } from './principal.js'
import { createVerifiedTokens } from './verified-tokens.js'

export interface AccessTokenVerifier {
  /**
   * The principal of a valid access token. Throws AppError: AUTH_TOKEN_EXPIRED, AUTH_TOKEN_INVALID (wrong signature,
   * algorithm, type, issuer, audience or claims) or INT_EXTERNAL_SERVICE_ERROR (the key set cannot be read just now).
   * A token that was ended before its time is invalid at once, remembered or not; where it can't be known whether it was, it
   * counts as expired. No promise for a token it has verified within the last half minute, under the same keys.
   */
  verify(token: string): Principal | Promise<Principal>
}

export interface AccessTokenVerifierOptions {
  readonly issuer: string
  readonly audience: string
  /** The key set: an address to fetch it from, or keys at hand. */
  readonly keys: URL | JWTVerifyGetKey
  /** Which tokens ended before their time; none unless given. */
  readonly ends?: Pick<TokenEnds, 'refusalOf' | 'onEnd'>
  /** Milliseconds since the epoch; the system's clock unless given. */
  readonly now?: () => number
}

const claims = z.object({
  sub: z.uuid(),
  sid: z.uuid(),
  roles: z.array(z.string()),
  scope: z.string(),
  exp: z.number(),
})

/**
 * Verifies access tokens as RFC 9068 profiles them. The algorithm list is closed to asymmetric ones, which refuses
 * `alg: none` and HS256 confusion; `jku`, `jwk` and `x5u` headers are never followed because the key set is ours (RFC 8725).
 */
export function createAccessTokenVerifier(options: AccessTokenVerifierOptions): AccessTokenVerifier {
  const { issuer, audience, ends, now = Date.now } = options
  const verified = createVerifiedTokens({ now })
  const keys = options.keys instanceof URL ? remoteKeys(options.keys, verified.forget) : options.keys
  const admit = (principal: Principal): Principal => {
    const refusal = ends?.refusalOf(principal) ?? null
    if (refusal === 'ended') throw new AppError('AUTH_TOKEN_INVALID', { message: ENDED })
    // a client refreshes it, and whoever gives it a new one asks the database whether its session lives
    if (refusal === 'unconfirmed') throw new AppError('AUTH_TOKEN_EXPIRED')
    return principal
  }
  const check = async (token: string): Promise<Principal> => {
    const { era } = verified
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ['EdDSA', 'ES256'],
        typ: 'at+jwt',
        clockTolerance: 5, // seconds: clocks of two machines differ
        currentDate: new Date(now()),
      })
      const { sub, sid, roles, scope, exp } = claims.parse(payload)
      const permissions = new Set(scope.split(' ').filter((name) => name !== ''))
      const { kid: keyId } = protectedHeader
      const principal = {
        ...{ userId: sub, sessionId: sid, roles, permissions, expiresAtSeconds: exp, claims: payload },
        ...(keyId !== undefined && { keyId }),
      }
      verified.remember(token, principal, era)
      return principal
    } catch (error) {
      throw refusalFor(error)
    }
  }
  return {
    verify(token) {
      const known = verified.find(token)
      return known === undefined ? check(token).then(admit) : admit(known)
    },
  }
}

const ENDED = 'This session was ended: sign in again.'

/** `onChange` is called when the set is another than before. */
function remoteKeys(url: URL, onChange: () => void): JWTVerifyGetKey {
  let known = ''
  // cooldown keeps an unknown `kid` in forged tokens from turning into a flood of fetches (RFC 8725 3.10)
  return createRemoteJWKSet(url, {
    cooldownDuration: 5_000,
    cacheMaxAge: 600_000,
    timeoutDuration: 2_000,
    [customFetch]: async (address, init) => {
      const response = await fetch(address, init)
      const text = await response.clone().text()
      if (response.ok && text !== known) onChange()
      if (response.ok) known = text
      return response
    },
  })
}

function refusalFor(error: unknown): AppError {
  if (error instanceof errors.JWTExpired) return new AppError('AUTH_TOKEN_EXPIRED', { cause: error })
  const aboutToken =
    error instanceof z.ZodError ||
    (error instanceof errors.JOSEError &&
      !(error instanceof errors.JWKSTimeout) &&
      !(error instanceof errors.JWKSInvalid) &&
      error.code !== 'ERR_JOSE_GENERIC')
  return new AppError(aboutToken ? 'AUTH_TOKEN_INVALID' : 'INT_EXTERNAL_SERVICE_ERROR', { cause: error })
}

const BEARER = /^Bearer ([A-Za-z0-9_.~+/-]+=*)$/i

/** The token of an `Authorization` header (RFC 6750 section 2.1), null when the header is absent. Throws AUTH_TOKEN_INVALID when malformed. */
export function bearerToken(header: string | undefined): string | null {
  if (header === undefined || header === '') return null
  const token = BEARER.exec(header)?.[1]
  if (token === undefined)
    throw new AppError('AUTH_TOKEN_INVALID', {
      message: 'The Authorization header is not of the form: Bearer <token>.',
    })
  return token
}
