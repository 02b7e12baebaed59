import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { AppError } from '../errors/app-error.js'
import type { Principal } from './principal.js'

export interface AccessTokenVerifier {
  /**
   * The principal of a valid access token. Throws AppError: AUTH_TOKEN_EXPIRED, AUTH_TOKEN_INVALID (wrong signature,
   * algorithm, type, issuer, audience or claims) or INT_EXTERNAL_SERVICE_ERROR (the key set cannot be read just now).
   */
  verify(token: string): Promise<Principal>
}

export interface AccessTokenVerifierOptions {
  readonly issuer: string
  readonly audience: string
  /** The key set: an address to fetch it from, or keys at hand. */
  readonly keys: URL | JWTVerifyGetKey
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
  const keys = options.keys instanceof URL ? remoteKeys(options.keys) : options.keys
  return {
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, keys, {
          issuer: options.issuer,
          audience: options.audience,
          algorithms: ['EdDSA', 'ES256'],
          typ: 'at+jwt',
          clockTolerance: 5, // seconds: clocks of two machines differ
        })
        const { sub, sid, roles, scope, exp } = claims.parse(payload)
        const permissions = new Set(scope.split(' ').filter((name) => name !== ''))
        return { userId: sub, sessionId: sid, roles, permissions, expiresAtSeconds: exp, claims: payload }
      } catch (error) {
        throw refusalFor(error)
      }
    },
  }
}

function remoteKeys(url: URL): JWTVerifyGetKey {
  // cooldown keeps an unknown `kid` in forged tokens from turning into a flood of fetches (RFC 8725 3.10)
  return createRemoteJWKSet(url, {
    cooldownDuration: 5_000,
    cacheMaxAge: 600_000,
    timeoutDuration: 2_000,
    [customFetch]: fetch,
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
