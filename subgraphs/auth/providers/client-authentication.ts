import { importPKCS8, SignJWT } from 'jose'
import { ClientSecretBasic, ClientSecretPost, None, type ClientAuth } from 'openid-client'
import type { AppleKey, ProviderSettings } from './provider-settings.js'

const APPLE_SECRET_SECONDS = 300 // Apple takes up to six months; it is made anew for each use

/** How we prove to a provider who we are (RFC 6749 section 2.3). */
export function clientAuthentication(
  { authentication, issuer }: Pick<ProviderSettings, 'authentication' | 'issuer'>,
  now: () => Date,
): ClientAuth {
  switch (authentication.kind) {
    case 'none':
      return None()
    case 'basic':
      return ClientSecretBasic(authentication.secret)
    case 'post':
      return ClientSecretPost(authentication.secret)
    case 'apple':
      return appleSecret(authentication.key, issuer, now)
  }
}

/**
 * Apple's client secret is a JWT signed by the team's key
 * (https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret).
 */
function appleSecret({ teamId, keyId, privateKey }: AppleKey, issuer: string, now: () => Date): ClientAuth {
  return async (_server, { client_id: clientId }, body) => {
    const issuedAt = Math.floor(now().getTime() / 1000)
    const secret = await new SignJWT()
      .setProtectedHeader({ alg: 'ES256', kid: keyId })
      .setIssuer(teamId)
      .setSubject(clientId)
      .setAudience(issuer)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + APPLE_SECRET_SECONDS)
      .sign(await importPKCS8(privateKey, 'ES256'))
    body.set('client_id', clientId)
    body.set('client_secret', secret)
  }
}
