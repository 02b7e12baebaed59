import { SignJWT } from 'jose'
import type { AccessTokenClaims, AccessTokens } from '../domain/access-tokens.js'
import type { SigningKeys } from './signing-keys.js'

export interface AccessTokenSignerOptions {
  readonly issuer: string
  readonly audience: string
  readonly keys: SigningKeys
  readonly lifetimeSeconds: number
  readonly now: () => Date
}

/**
 * Access tokens in the form of RFC 9068. They carry no `client_id`, because a session is the person's own and no OAuth
 * client's, and no e-mail address, because a token is read by every service it passes.
 */
export function createAccessTokenSigner(options: AccessTokenSignerOptions): AccessTokens {
  const { issuer, audience, keys, lifetimeSeconds, now } = options
  return {
    lifetimeSeconds,
    sign({ userId, sessionId, roles, permissions }: AccessTokenClaims) {
      const issuedAt = Math.floor(now().getTime() / 1000)
      return new SignJWT({ sid: sessionId, roles: [...roles], scope: permissions.join(' ') })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: keys.current.kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(userId)
        .setJti(crypto.randomUUID())
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimeSeconds)
        .sign(keys.current.key)
    },
  }
}
