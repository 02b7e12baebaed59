import { SignJWT } from 'jose'
import type { AccessTokenClaims, AccessTokens } from '../domain/access-tokens.js'
import { amrOf, levelOf, type Authentication } from '../domain/authentication.js'
import type { SigningKeys } from './signing-keys.js'

export interface AccessTokenSignerOptions {
  readonly issuer: string
  readonly audience: string
  readonly keys: SigningKeys
  readonly lifetimeSeconds: number
  readonly now: () => Date
}

/**
 * Access tokens in the form of RFC 9068. Those of people carry no `client_id`, because a session is the person's own and no
 * OAuth client's; no token has an e-mail address, because it is read by every service it passes. `amr` is that of RFC 8176;
 * `acr` is `aal1` or `aal2`. Those of programs have neither: nothing that asks how somebody signed in lets them pass.
 */
export function createAccessTokenSigner(options: AccessTokenSignerOptions): AccessTokens {
  const { issuer, audience, keys, lifetimeSeconds, now } = options
  return {
    lifetimeSeconds,
    sign({ userId, sessionId, roles, permissions, authentication }: AccessTokenClaims, seconds = lifetimeSeconds) {
      const issuedAt = Math.floor(now().getTime() / 1000)
      return new SignJWT({
        sid: sessionId,
        roles: [...roles],
        scope: permissions.join(' '),
        ...(authentication === null ? { client_id: userId } : claimsOf(authentication)),
      })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: keys.current.kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(userId)
        .setJti(crypto.randomUUID())
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + seconds)
        .sign(keys.current.key)
    },
  }
}

function claimsOf({ methods, at }: Authentication) {
  return {
    amr: [...amrOf(methods)],
    acr: levelOf(methods),
    auth_time: Math.floor(at.getTime() / 1000),
  }
}
