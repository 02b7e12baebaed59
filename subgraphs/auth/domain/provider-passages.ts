import { AppError } from '../../../platform/errors/app-error.js'
import { networkOf } from '../../../platform/identity/address-network.js'
import type {
  IdentityProvider,
  IdentityProviders,
  Passage,
  ProvidedIdentity,
  ProviderAnswer,
} from './identity-providers.js'
import type { LoginAttempts } from './login-attempts.js'
import type { LinkTokens } from './one-time-links.js'
import { refuseTooMany } from './refuse-too-many.js'
import type { Device } from './session.js'

/** A passage as it is kept while somebody is at the provider. */
export interface BegunPassage {
  readonly fingerprint: Uint8Array<ArrayBuffer>
  readonly browserFingerprint: Uint8Array<ArrayBuffer>
  readonly providerId: string
  readonly passage: Omit<Passage, 'state'>
  /** Who links the provider's account to their own; null for a sign-in. */
  readonly linker: Linker | null
  readonly expiresAt: Date
}

/** Somebody signed in, and in which session. */
export interface Linker {
  readonly userId: string
  readonly sessionId: string
}

export interface BegunPassages {
  /** Keeps it, its nonce and verifier sealed, and forgets those that have expired. */
  add(begun: BegunPassage): Promise<void>
  /** Takes it away, good or not: of many at once one has it. Null for one that is unknown or too old. */
  take(fingerprint: Uint8Array<ArrayBuffer>, at: Date): Promise<BegunPassage | null>
}

/** Where to send a browser, and what it keeps. */
export interface ProviderRedirect {
  readonly url: string
  readonly browserSecret: string
  readonly expiresAt: Date
}

/** Who came back, and from where. */
export interface Arrival {
  readonly provider: IdentityProvider
  readonly identity: ProvidedIdentity
}

export interface ProviderPassagesDependencies {
  readonly providers: IdentityProviders
  readonly begunPassages: BegunPassages
  readonly tokens: LinkTokens
  /** Ways that are begun, counted by where from: each is a row until it is finished or over. */
  readonly departures: Pick<LoginAttempts, 'claim'>
  readonly now: () => Date
}

const LIFETIME_MS = 10 * 60_000 // time to sign in there, with a second factor

/**
 * Ways to a provider and back. One is finished once, within ten minutes, in the browser it began in: who makes somebody else's
 * browser finish it has not its secret, and who steals an answer has it no more (RFC 9700 section 4.7).
 */
export function createProviderPassages(dependencies: ProviderPassagesDependencies) {
  const { providers, begunPassages, tokens, departures, now } = dependencies
  return {
    /** Throws RES_NOT_FOUND, VAL_VALIDATION_FAILED for an address that is not configured, RATE_LIMIT_EXCEEDED, INT_EXTERNAL_SERVICE_ERROR. */
    async begin(
      providerId: string,
      redirectUri: string,
      isFresh: boolean,
      device: Device,
      linker: Linker | null,
    ): Promise<ProviderRedirect> {
      const provider = providers.all.find(({ id }) => id === providerId)
      if (provider === undefined) throw new AppError('RES_NOT_FOUND', { message: 'There is no such provider.' })
      if (!provider.allowsRedirect(redirectUri)) {
        const details = [{ field: 'input.redirectUri', reason: 'is not an address configured for this provider' }]
        throw new AppError('VAL_VALIDATION_FAILED', { details })
      }
      await refuseTooMany(departures, `provider:${networkOf(device.ipAddress)}`)
      const startedAt = now()
      const [state, browserSecret] = [tokens.create(), tokens.create()]
      const passage = { redirectUri, nonce: tokens.create(), verifier: tokens.create(), isFresh, startedAt }
      const url = await provider.addressOf({ ...passage, state })
      const expiresAt = new Date(startedAt.getTime() + LIFETIME_MS)
      const fingerprint = tokens.fingerprint(state)
      const browserFingerprint = tokens.fingerprint(browserSecret)
      await begunPassages.add({ fingerprint, browserFingerprint, providerId, passage, linker, expiresAt })
      return { url, browserSecret, expiresAt }
    },
    /**
     * Throws AUTH_TOKEN_INVALID for a passage that is over, unknown, of another browser, or begun for something else, before
     * anything is sent to the provider; what `identify` throws.
     */
    async finish(browserSecret: string, answer: ProviderAnswer, linker: Linker | null): Promise<Arrival> {
      const begun = await begunPassages.take(tokens.fingerprint(answer.state), now())
      const provider = providers.all.find(({ id }) => id === begun?.providerId)
      if (begun === null || provider === undefined) throw passageRefused()
      if (!areSame(begun.browserFingerprint, tokens.fingerprint(browserSecret))) throw passageRefused()
      if (begun.linker?.userId !== linker?.userId || begun.linker?.sessionId !== linker?.sessionId)
        throw passageRefused()
      const identity = await provider.identify({ ...begun.passage, state: answer.state }, answer)
      return { provider, identity }
    },
  }
}

export type ProviderPassages = ReturnType<typeof createProviderPassages>

/** Of digests of random secrets: the time it takes tells nothing that can be used. */
function areSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}

function passageRefused(): AppError {
  const message = 'This sign-in is over, or was begun in another browser: begin again.'
  return new AppError('AUTH_TOKEN_INVALID', { message })
}
