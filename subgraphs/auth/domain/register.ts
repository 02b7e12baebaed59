import { normaliseEmail, type EmailAddress } from './email-address.js'
import type { PasswordHasher } from './password-hasher.js'
import { normalisePassword, refuseWeakPassword } from './password-policy.js'

export interface NewAccount {
  readonly id: string
  readonly email: EmailAddress
  readonly passwordHash: string
  /** Told to the other services with `user.registered`; not kept here. */
  readonly displayName: string
  readonly createdAt: Date
}

export interface NewAccounts {
  /** Stores the account and tells `user.registered`, both or neither; does nothing when the address is taken. */
  add(account: NewAccount): Promise<void>
}

export interface RegisterDependencies {
  readonly newAccounts: NewAccounts
  readonly hasher: PasswordHasher
  readonly now: () => Date
  readonly newId: () => string
}

/**
 * Opens an account. Whether the address had one already shows neither in the answer nor in the work: the password is
 * hashed either way. Throws VAL_VALIDATION_FAILED for a password that is easily guessed.
 */
export function createRegister({ newAccounts, hasher, now, newId }: RegisterDependencies) {
  return async (emailAsTyped: string, passwordAsTyped: string, displayName: string): Promise<{ email: string }> => {
    const email = normaliseEmail(emailAsTyped)
    const password = normalisePassword(passwordAsTyped)
    refuseWeakPassword(password, [email.address, displayName])
    const passwordHash = await hasher.admit((hashing) => hashing.hash(password))
    await newAccounts.add({ id: newId(), email, passwordHash, displayName, createdAt: now() })
    return { email: email.address }
  }
}

export type Register = ReturnType<typeof createRegister>
