import { AppError } from '../../../platform/errors/app-error.js'
import type { IdentityProvider, IdentityProviders, ProvidedIdentity, ProviderAnswer } from './identity-providers.js'
import type { By, Done } from './manage-second-factors.js'
import type { ProviderPassages } from './provider-passages.js'
import { refuseWeaker } from './refuse-weaker.js'
import type { SecondFactorStore } from './second-factors.js'

/** An identity that signs in to an account. */
export interface LinkedIdentity {
  readonly id: string
  readonly issuer: string
  readonly createdAt: Date
  readonly lastUsedAt: Date
}

/** The same as its owner sees it; the provider is null where it is not offered any more. */
export interface LinkedProvider extends Omit<LinkedIdentity, 'issuer'> {
  readonly provider: IdentityProvider | null
}

/** What changes a link throws AUTH_TOKEN_INVALID where its session has ended or the account is locked. */
export interface LinkedIdentities {
  /** Oldest first. */
  list(userId: string): Promise<readonly LinkedIdentity[]>
  /** Links it and notes a mail about it; one that is this user's already stays as it is. Null when it is somebody else's. */
  link(
    userId: string,
    identity: Pick<ProvidedIdentity, 'issuer' | 'subject'> & { readonly id: string },
    done: Done,
  ): Promise<LinkedIdentity | null>
  /**
   * Removes it and notes a mail about it. False: it is not this user's. Throws RES_CONFLICT where nothing else signs in: neither
   * a password, a passkey nor a link, where these are open.
   */
  unlink(userId: string, id: string, done: Done): Promise<boolean>
}

export interface LinkProvidersDependencies {
  readonly providers: IdentityProviders
  readonly passages: ProviderPassages
  readonly identities: LinkedIdentities
  readonly factors: Pick<SecondFactorStore, 'stateOf'>
  readonly now: () => Date
  readonly newId: () => string
}

/** How a person links accounts of providers to their own, and removes them. Whoever calls has checked that the sign-in is fresh enough. */
export function createLinkProviders(dependencies: LinkProvidersDependencies) {
  const { providers, passages, identities, factors, now, newId } = dependencies
  const providerOf = (issuer: string) => providers.all.find((provider) => provider.isIssuer(issuer)) ?? null
  const shown = ({ issuer, ...linked }: LinkedIdentity): LinkedProvider => ({ ...linked, provider: providerOf(issuer) })
  return {
    /** Throws what passages throw, AUTH_STEP_UP_REQUIRED. */
    async begin(
      { userId, sessionId, device, ...proved }: By,
      providerId: string,
      redirectUri: string,
      isFresh: boolean,
    ) {
      refuseWeaker(proved, await factors.stateOf(userId))
      return passages.begin(providerId, redirectUri, isFresh, device, { userId, sessionId })
    },
    /** Throws what passages throw, AUTH_STEP_UP_REQUIRED, RES_ALREADY_EXISTS where the identity signs in to another account. */
    async finish({ userId, ...by }: By, browserSecret: string, answer: ProviderAnswer): Promise<LinkedProvider> {
      const { identity } = await passages.finish(browserSecret, answer, { userId, sessionId: by.sessionId })
      refuseWeaker(by, await factors.stateOf(userId)) // a factor may be there only now
      const linked = await identities.link(userId, { ...identity, id: newId() }, { ...by, at: now() })
      if (linked === null) {
        throw new AppError('RES_ALREADY_EXISTS', { message: 'This signs in to another account here already.' })
      }
      return shown(linked)
    },
    /** Throws AUTH_STEP_UP_REQUIRED, RES_NOT_FOUND, RES_CONFLICT for the only way into the account. */
    async unlink({ userId, ...by }: By, id: string): Promise<void> {
      refuseWeaker(by, await factors.stateOf(userId))
      const isRemoved = await identities.unlink(userId, id, { ...by, at: now() })
      if (!isRemoved) throw new AppError('RES_NOT_FOUND')
    },
    list: async (userId: string): Promise<readonly LinkedProvider[]> => (await identities.list(userId)).map(shown),
  }
}

export type LinkProviders = ReturnType<typeof createLinkProviders>
