import type { EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import type { Logger } from '../../../platform/log/logger.js'
import type { AuditChain } from '../audit/audit-chain.js'
import type { IdentityProviders } from '../domain/identity-providers.js'
import { createLinkProviders, type LinkProviders } from '../domain/link-providers.js'
import { createProviderPassages, type ProviderPassages } from '../domain/provider-passages.js'
import {
  createSignInByProvider,
  type SignInByProvider,
  type SignInByProviderDependencies,
} from '../domain/sign-in-by-provider.js'
import type { LoginAttempts } from '../domain/login-attempts.js'
import type { LinkTokens } from '../domain/one-time-links.js'
import type { SecondFactorStore } from '../domain/second-factors.js'
import type { AuthPrisma } from '../persistence/auth-prisma.js'
import { createPrismaBegunPassages } from '../persistence/prisma-begun-passages.js'
import { createPrismaLinkedIdentities } from '../persistence/prisma-linked-identities.js'
import { createPrismaProvidedAccounts } from '../persistence/prisma-provided-accounts.js'
import { createOpenIdProvider } from './openid-provider.js'
import type { OpenWays } from '../persistence/ways-in.js'
import type { ProviderSettings } from './provider-settings.js'

/** What people do with identity providers. */
export interface ProviderUseCases {
  readonly all: IdentityProviders['all']
  readonly passages: ProviderPassages
  readonly signIn: SignInByProvider
  readonly links: LinkProviders
}

export interface ProviderAdapters {
  readonly prisma: AuthPrisma
  readonly audit: AuditChain
  readonly cipher: EnvelopeCipher
  readonly openWays: OpenWays
  readonly committed: () => void
}

export interface ProviderParts extends Omit<SignInByProviderDependencies, 'passages' | 'providedAccounts'> {
  readonly settings: readonly ProviderSettings[]
  readonly adapters: ProviderAdapters
  readonly tokens: LinkTokens
  readonly factors: Pick<SecondFactorStore, 'stateOf'>
  readonly departures: Pick<LoginAttempts, 'claim'>
  readonly logger: Logger
}

/** The providers of the configuration, with their place in the database. Nothing is asked of them before they are needed. */
export function openProviders(parts: ProviderParts): ProviderUseCases {
  const { settings, logger, tokens, factors, departures, now, newId } = parts
  const { prisma, audit, cipher, openWays, committed } = parts.adapters
  const providers = { all: settings.map((one) => createOpenIdProvider({ settings: one, logger, now })) }
  const begunPassages = createPrismaBegunPassages(prisma, cipher)
  const passages = createProviderPassages({ providers, begunPassages, tokens, departures, now })
  const providedAccounts = createPrismaProvidedAccounts(prisma, audit, committed)
  const identities = createPrismaLinkedIdentities(prisma, audit, openWays, committed)
  return {
    all: providers.all,
    passages,
    signIn: createSignInByProvider({ ...parts, passages, providedAccounts }),
    links: createLinkProviders({ providers, passages, identities, factors, now, newId }),
  }
}
