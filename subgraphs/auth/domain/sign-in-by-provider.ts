import { AppError } from '../../../platform/errors/app-error.js'
import type { EmailAddress } from './email-address.js'
import type { FinishSignIn, SignInOutcome } from './finish-sign-in.js'
import { notLinked, type ProvidedIdentity, type ProviderAnswer } from './identity-providers.js'
import type { ProvedUser } from './open-session.js'
import type { PasswordHasher } from './password-hasher.js'
import type { Arrival, ProviderPassages } from './provider-passages.js'
import type { MailRequests } from './request-mail.js'
import type { Role } from '../../../platform/identity/roles.js'
import type { RefusalDetails } from './audit.js'
import type { Device } from './session.js'

/** An account somebody came to by a provider, which may be locked or not confirmed. */
export interface ReachedAccount extends ProvedUser {
  readonly emailKey: string
  readonly isEmailVerified: boolean
  readonly isLocked: boolean
  readonly role: Role
  /** Whether a password alone does not sign in. */
  readonly hasSecondFactor: boolean
}

export interface NewProvidedAccount {
  readonly id: string
  readonly email: EmailAddress
  /** Of a password that nobody knows. */
  readonly passwordHash: string
  readonly displayName: string
  readonly device: Device
  readonly createdAt: Date
}

type Identity = Pick<ProvidedIdentity, 'issuer' | 'subject'>

export interface ProvidedAccounts {
  /** The live account an identity is linked to; notes that it was used. */
  ownerOf(identity: Identity, at: Date): Promise<ReachedAccount | null>
  /** The live account with this address. */
  findByAddress(emailKey: string): Promise<ReachedAccount | null>
  /**
   * Stores an account whose address the provider vouches for, linked to the identity, tells `user.registered` and notes a mail
   * about it, all or nothing. Changes nothing when the address or the identity is taken.
   */
  open(account: NewProvidedAccount, identity: Identity): Promise<void>
  /**
   * Links the identity to the account and notes a mail about it. Changes nothing unless the account `isOpen` as it is then, with
   * nobody changing it meanwhile, or when the identity is taken.
   */
  link(
    userId: string,
    identity: Identity,
    isOpen: (account: ReachedAccount) => boolean,
    by: { readonly device: Device; readonly at: Date },
  ): Promise<void>
}

export interface SignInByProviderDependencies {
  readonly passages: ProviderPassages
  readonly providedAccounts: ProvidedAccounts
  readonly finishSignIn: Pick<FinishSignIn, 'afterFirstFactor'>
  readonly mailRequests: MailRequests
  readonly hasher: PasswordHasher
  /** Writes down a sign-in to a known account that was refused; nobody waits for it. */
  readonly noteRefusal: (userId: string, device: Device, details: RefusalDetails) => void
  readonly needsConfirmation: boolean
  /** Addresses that make a superadmin: a provider's word is not enough to own one. */
  readonly superadmins: readonly string[]
  readonly now: () => Date
  readonly newId: () => string
}

const EXISTS =
  'An account with this address exists. Sign in to it, or ask for a new password by mail, then link the provider in its settings.'
const NOT_FOR_SUPERADMINS =
  'This address is set apart for an administrator: open its account with a password, then link the provider in its settings.'
const NAMELESS = 'New member'

/**
 * Signs in by what a provider says, with our own second factor where the account has one. Who is known goes by issuer and
 * subject; the rules for everybody else, against those who take an address before its owner does, stand in decision 16. Throws
 * what passages throw, AUTH_PROVIDER_NOT_LINKED saying what to do, AUTH_ACCOUNT_LOCKED, AUTH_EMAIL_NOT_VERIFIED.
 */
export function createSignInByProvider(dependencies: SignInByProviderDependencies) {
  const { passages, providedAccounts, finishSignIn, mailRequests, noteRefusal, needsConfirmation, now } = dependencies
  return async (browserSecret: string, answer: ProviderAnswer, device: Device): Promise<SignInOutcome> => {
    const arrival = await passages.finish(browserSecret, answer, null)
    const { identity } = arrival
    const owner = (await providedAccounts.ownerOf(identity, now())) ?? (await newcomer(dependencies, arrival, device))
    if (owner.isLocked) {
      noteRefusal(owner.userId, device, { reason: 'provider' })
      throw new AppError('AUTH_ACCOUNT_LOCKED')
    }
    if (needsConfirmation && !owner.isEmailVerified) {
      await mailRequests.request('confirm_address', owner.emailKey, now())
      mailRequests.lookAtThem()
      throw new AppError('AUTH_EMAIL_NOT_VERIFIED')
    }
    const at = identity.authenticatedAt ?? NEVER
    const outcome = await finishSignIn.afterFirstFactor(owner, device, { method: 'fed', at })
    if (outcome === null) throw new AppError('AUTH_TOKEN_INVALID', { message: 'This sign-in is over: begin again.' })
    return outcome
  }
}

export type SignInByProvider = ReturnType<typeof createSignInByProvider>

/** Of a sign-in that is recent enough for nothing: the provider does not say when it asked who it is. */
const NEVER = new Date(0)

/** The account of somebody whose identity is linked to none: their own by its address, or a new one. */
async function newcomer(
  dependencies: SignInByProviderDependencies,
  { provider, identity }: Arrival,
  device: Device,
): Promise<ReachedAccount> {
  const { providedAccounts, superadmins, now } = dependencies
  const { verifiedEmail: email } = identity
  if (email === null || !provider.vouchesFor(email.key)) {
    throw notLinked(
      `${provider.displayName} does not vouch for your e-mail address. Open an account with a password or sign in to yours, then link ${provider.displayName} in its settings.`,
    )
  }
  const known = await providedAccounts.findByAddress(email.key)
  if (known === null) {
    if (superadmins.includes(email.key)) throw notLinked(NOT_FOR_SUPERADMINS)
    await open(dependencies, { ...identity, email }, device)
  } else await providedAccounts.link(known.userId, identity, isOpen, { device, at: now() })
  const owner = await providedAccounts.ownerOf(identity, now()) // also where another tab was faster
  if (owner === null) throw notLinked(EXISTS)
  return owner
}

/** Nothing is linked for the provider's word alone where an account is better protected than by it, or its owner not proved. */
function isOpen({ isEmailVerified, isLocked, hasSecondFactor, role }: ReachedAccount): boolean {
  return isEmailVerified && !isLocked && !hasSecondFactor && (role === 'user' || role === 'guest')
}

async function open(
  { providedAccounts, hasher, newId, now }: SignInByProviderDependencies,
  { email, name, ...identity }: ProvidedIdentity & { readonly email: EmailAddress },
  device: Device,
): Promise<void> {
  const passwordHash = await hasher.admit((hashing) => hashing.hash(newId() + newId()))
  const account = { id: newId(), email, passwordHash, displayName: name ?? NAMELESS, device, createdAt: now() }
  await providedAccounts.open(account, identity)
}
