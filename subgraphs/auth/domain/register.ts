import { normaliseEmail, type EmailAddress } from './email-address.js'
import type { Device } from './session.js'
import type { PasswordHasher } from './password-hasher.js'
import { normalisePassword, refuseWeakPassword } from './password-policy.js'

export interface NewAccount {
  readonly id: string
  readonly email: EmailAddress
  readonly passwordHash: string
  readonly device: Device
  /** Told to the other services with `user.registered`; not kept here. */
  readonly displayName: string
  readonly createdAt: Date
}

export interface NewAccounts {
  /**
   * Stores the account, tells `user.registered` and notes a mail to confirm the address, all or nothing. Where the address is
   * taken its owner is mailed instead, except that with `replacesUnconfirmed` the new password takes the place of one whose
   * address was never confirmed: whoever opened that account first has no claim to it.
   */
  add(account: NewAccount, options: { readonly replacesUnconfirmed: boolean }): Promise<void>
}

export interface RegisterDependencies {
  readonly newAccounts: NewAccounts
  readonly hasher: PasswordHasher
  /** Whether an address must be confirmed before its account can be used. */
  readonly needsConfirmation: boolean
  readonly now: () => Date
  readonly newId: () => string
}

/**
 * Opens an account. Whether the address had one already shows neither in the answer nor in the work: the password is
 * hashed either way. Throws VAL_VALIDATION_FAILED for a password that is easily guessed.
 */
export function createRegister({ newAccounts, hasher, needsConfirmation, now, newId }: RegisterDependencies) {
  return async (
    emailAsTyped: string,
    passwordAsTyped: string,
    displayName: string,
    device: Device,
  ): Promise<{ email: string }> => {
    const email = normaliseEmail(emailAsTyped)
    const password = normalisePassword(passwordAsTyped)
    refuseWeakPassword(password, [email.address, displayName])
    const passwordHash = await hasher.admit((hashing) => hashing.hash(password))
    const account = { id: newId(), email, passwordHash, displayName, device, createdAt: now() }
    await newAccounts.add(account, { replacesUnconfirmed: needsConfirmation })
    return { email: email.address }
  }
}

export type Register = ReturnType<typeof createRegister>
