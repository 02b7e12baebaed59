import { SignJWT } from 'jose'
import type { AccessTokenClaims, AccessTokens } from '../domain/access-tokens.js'
import { levelOf } from '../domain/authentication.js'
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
 * client's, and no e-mail address, because a token is read by every service it passes. `amr` is
 * that of RFC 8176; `acr` is `aal1` or `aal2`.
 */
export function createAccessTokenSigner(options: AccessTokenSignerOptions): AccessTokens {
  const { issuer, audience, keys, lifetimeSeconds, now } = options
  return {
    lifetimeSeconds,
    sign({ userId, sessionId, roles, permissions, authentication }: AccessTokenClaims) {
      const issuedAt = Math.floor(now().getTime() / 1000)
      const { methods, at } = authentication
      return new SignJWT({
        sid: sessionId,
        roles: [...roles],
        scope: permissions.join(' '),
        amr: methods.length > 1 ? [...methods, 'mfa'] : [...methods],
        acr: levelOf(methods),
        auth_time: Math.floor(at.getTime() / 1000),
      })
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
