/**
 * One OpenID provider. In: passages and what came back from them. Out: who it is, by an ID token whose signature, issuer,
 * audience, nonce and time were checked; nothing of the provider's is kept, neither token. It refuses answers of another
 * issuer, and reports an outage as this provider's alone.
 */
import { jwtVerify } from 'jose'
import { authorizationCodeGrant, buildAuthorizationUrl, calculatePKCECodeChallenge, fetchUserInfo } from 'openid-client'
import { z } from 'zod'
import { AppError } from '../../../platform/errors/app-error.js'
import { nameText } from '../../../platform/graphql/text-input.js'
import type { Logger } from '../../../platform/log/logger.js'
import { normaliseEmail, type EmailAddress } from '../domain/email-address.js'
import type { IdentityProvider, Passage, ProvidedIdentity, ProviderAnswer } from '../domain/identity-providers.js'
import { createDiscovery, type DiscoveredProvider } from './discovered-provider.js'
import { failureOf } from './provider-failures.js'
import type { ProviderSettings } from './provider-settings.js'

export interface OpenIdProviderOptions {
  readonly settings: ProviderSettings
  readonly logger: Logger
  readonly now: () => Date
}

/** The algorithms of RFC 7518 and RFC 8037 that only the provider can sign with. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const CLOCKS_DIFFER_SECONDS = 30

const idTokenClaims = z.object({
  iss: z.string().min(1).max(512),
  sub: z.string().min(1).max(255), // OpenID Connect Core 1.0 section 2
  auth_time: z.number().optional(),
})

/** Apple has `"true"` where the standard has `true`. */
const profileClaims = z.object({
  email: z.email().max(254).optional().catch(undefined),
  email_verified: z.union([z.boolean(), z.stringbool()]).optional().catch(false),
  name: z.string().optional().catch(undefined),
})

type ProfileClaims = z.output<typeof profileClaims>

const shownName = nameText({ min: 2, max: 100 })

export function createOpenIdProvider({ settings, logger, now }: OpenIdProviderOptions): IdentityProvider {
  const { id, displayName, issuer, redirectUris, emailDomains } = settings
  const discover = createDiscovery(settings, now)
  const reporting = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      const { code, message, reason } = failureOf(error, displayName)
      logger[code === 'INT_EXTERNAL_SERVICE_ERROR' ? 'error' : 'info']({ provider: id, reason }, message)
      throw new AppError(code, { message })
    }
  }
  return {
    id,
    displayName,
    allowsRedirect: (redirectUri) => redirectUris.includes(redirectUri),
    vouchesFor: (emailKey) =>
      emailDomains.includes('*') || emailDomains.includes(emailKey.slice(emailKey.lastIndexOf('@') + 1)),
    isIssuer: (known) => isSameIssuer(issuer, known),
    addressOf: (passage) => reporting(async () => addressAt(await discover(), settings, passage)),
    identify: (passage, answer) =>
      reporting(async () => {
        const discovered = await discover()
        return identityOf(discovered, settings, { passage, answer, now: now() })
      }),
  }
}

async function addressAt(
  { configuration }: DiscoveredProvider,
  { scopes, responseMode }: ProviderSettings,
  { redirectUri, state, nonce, verifier, isFresh }: Passage,
): Promise<string> {
  const url = buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope: scopes.join(' '),
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(responseMode === 'form_post' && { response_mode: responseMode }),
    ...(isFresh && { prompt: 'login', max_age: '0' }),
  })
  return url.href
}

interface Return {
  readonly passage: Passage
  readonly answer: ProviderAnswer
  readonly now: Date
}

async function identityOf(
  { configuration, keys }: DiscoveredProvider,
  settings: ProviderSettings,
  { passage, answer, now }: Return,
): Promise<ProvidedIdentity> {
  const tokens = await authorizationCodeGrant(configuration, cameBackTo(passage.redirectUri, answer), {
    expectedState: passage.state,
    expectedNonce: passage.nonce,
    pkceCodeVerifier: passage.verifier,
    idTokenExpected: true,
  })
  const { payload } = await jwtVerify(tokens.id_token ?? '', keys, {
    issuer: configuration.serverMetadata().issuer,
    audience: settings.clientId,
    algorithms: ALGORITHMS,
    clockTolerance: CLOCKS_DIFFER_SECONDS,
    currentDate: now,
  })
  const { iss, sub, auth_time: askedAt } = idTokenClaims.parse(payload)
  const { userinfo_endpoint: userInfo } = configuration.serverMetadata()
  const claims =
    payload['email'] === undefined && userInfo !== undefined
      ? await fetchUserInfo(configuration, tokens.access_token, sub)
      : payload
  const profile = profileClaims.parse(claims)
  return {
    issuer: iss,
    subject: sub,
    verifiedEmail: verifiedEmailOf(profile),
    name: shownName.safeParse(profile.name).data ?? null,
    authenticatedAt: authenticatedAt(askedAt, settings, passage, now),
  }
}

/** The address as the browser saw it, from the parts that count. */
function cameBackTo(redirectUri: string, { state, code, issuer, error }: ProviderAnswer): URL {
  const url = new URL(redirectUri)
  const parameters = { state, code, iss: issuer, error }
  for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, value)
  return url
}

function verifiedEmailOf({ email, email_verified: isVerified }: ProfileClaims): EmailAddress | null {
  return email !== undefined && isVerified === true ? normaliseEmail(email) : null
}

/** Never later than now: a provider's clock makes no sign-in more recent. Throws where it was to ask anew and did not. */
function authenticatedAt(
  askedAtSeconds: number | undefined,
  { assumesFresh }: ProviderSettings,
  { isFresh, startedAt }: Passage,
  now: Date,
): Date | null {
  if (askedAtSeconds === undefined) {
    if (assumesFresh) return now
    if (isFresh) throw new NotAskedAnewError()
    return null
  }
  const askedAt = new Date(Math.min(askedAtSeconds * 1000, now.getTime()))
  const earliest = startedAt.getTime() - CLOCKS_DIFFER_SECONDS * 1000
  if (isFresh && askedAt.getTime() < earliest) throw new NotAskedAnewError()
  return askedAt
}

/** The provider was to ask anew who it is (`prompt=login`, `max_age=0`), and does not say that it did. */
class NotAskedAnewError extends Error {
  constructor() {
    super('the provider did not ask anew who it is')
    this.name = 'NotAskedAnewError'
  }
}

/** Whether both name one issuer, with or without a slash after the host. */
export function isSameIssuer(issuer: string, known: string): boolean {
  return URL.canParse(known) && new URL(known).href === new URL(issuer).href
}
