import { AppError } from '../../../platform/errors/app-error.js'
import type { FinishSignIn, SignInOutcome } from './finish-sign-in.js'
import type { LoginAttempts } from './login-attempts.js'
import type { ProvedUser } from './open-session.js'
import type { PasswordOwner } from './new-password.js'
import type { LinkPurpose, LinkTokens } from './one-time-links.js'
import type { PasswordHasher } from './password-hasher.js'
import { normalisePassword } from './password-policy.js'
import type { RefusalDetails } from './audit.js'
import type { Device } from './session.js'

export interface LinkOwners {
  /** Whose link this is, while it works. */
  ownerOfLink(fingerprint: Uint8Array<ArrayBuffer>, purpose: LinkPurpose, at: Date): Promise<PasswordOwner | null>
}

export interface AddressConfirmations extends LinkOwners {
  /**
   * Uses up a link with all others of its account and purpose, and confirms the address. False for one that no longer works,
   * and where the account has another password by now: then it may be a stranger's.
   */
  confirm(fingerprint: Uint8Array<ArrayBuffer>, proved: ProvedUser, at: Date, device: Device): Promise<boolean>
}

export interface ConfirmAddressDependencies {
  readonly confirmations: AddressConfirmations
  readonly tokens: LinkTokens
  readonly attempts: LoginAttempts
  readonly hasher: PasswordHasher
  /** Writes down a password that was refused; nobody waits for it. */
  readonly noteRefusal: (userId: string, device: Device, details: RefusalDetails) => void
  readonly finishSignIn: Pick<FinishSignIn, 'afterPassword'>
  readonly now: () => Date
}

/**
 * Confirms an address by the link that was mailed to it and signs in. The password is asked for too: who reads the mail may
 * not be who chose the password, and would otherwise make a stranger's account good for the stranger. Throws
 * AUTH_TOKEN_INVALID for a link that does not work, before anything is hashed, and AUTH_INVALID_CREDENTIALS, which leaves the
 * link as it was; guesses are counted with those at signing in.
 */
export function createConfirmAddress(dependencies: ConfirmAddressDependencies) {
  const { confirmations, tokens, attempts, hasher, noteRefusal, finishSignIn, now } = dependencies
  return async (token: string, passwordAsTyped: string, device: Device): Promise<SignInOutcome> => {
    const fingerprint = tokens.fingerprint(token)
    const owner = await confirmations.ownerOfLink(fingerprint, 'confirm_address', now())
    if (owner === null) throw linkRefused()
    await hasher.admit(async (hashing) => {
      const allowed = await attempts.claim(owner.signInKey)
      const isRight = await hashing.verify(allowed ? owner.passwordHash : null, normalisePassword(passwordAsTyped))
      if (!isRight) {
        noteRefusal(owner.userId, device, { reason: 'password' })
        throw new AppError('AUTH_INVALID_CREDENTIALS', { message: 'The password is not right.' })
      }
      if (!owner.hasSecondFactor) await attempts.clear(owner.signInKey) // who knows one factor may be guessing the other
    })
    const isConfirmed = await confirmations.confirm(fingerprint, owner, now(), device)
    const outcome = isConfirmed ? await finishSignIn.afterPassword(owner, device) : null
    if (outcome === null) throw linkRefused()
    return outcome
  }
}

export type ConfirmAddress = ReturnType<typeof createConfirmAddress>

/** The same for a link that is unknown, used, too old or for something else. */
export function linkRefused(): AppError {
  return new AppError('AUTH_TOKEN_INVALID', { message: 'This link does not work any more: ask for a new one.' })
}
