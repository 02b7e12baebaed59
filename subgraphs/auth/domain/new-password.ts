import { AppError } from '../../../platform/errors/app-error.js'
import type { ProvedUser } from './open-session.js'
import type { PasswordHashing } from './password-hasher.js'
import { normalisePassword, refuseWeakPassword } from './password-policy.js'

/** What a new password is judged by. */
export interface PasswordOwner extends ProvedUser {
  /** The address or number the account is found by, as its owner wrote it. */
  readonly name: string
  /** What guesses are counted by. */
  readonly signInKey: string
  readonly passwordHash: string
  /** Whether a password alone does not sign in. */
  readonly hasSecondFactor: boolean
  /** Hashes of the passwords before, newest first. */
  readonly former: readonly string[]
}

/** How many earlier passwords, the present one included, are not taken again. */
export const REMEMBERED_PASSWORDS = 5

/**
 * The hash of a new password. Throws VAL_VALIDATION_FAILED for one that is easily guessed or was one of the last five. Takes up
 * to six hashes of work, within one place.
 */
export async function hashNewPassword(
  hashing: PasswordHashing,
  owner: PasswordOwner,
  passwordAsTyped: string,
): Promise<string> {
  const password = normalisePassword(passwordAsTyped)
  refuseWeakPassword(password, [owner.name])
  for (const earlier of [owner.passwordHash, ...owner.former].slice(0, REMEMBERED_PASSWORDS)) {
    if (await hashing.verify(earlier, password)) {
      const reason = `must not be one of your last ${REMEMBERED_PASSWORDS} passwords`
      throw new AppError('VAL_VALIDATION_FAILED', { details: [{ field: 'input.newPassword', reason }] })
    }
  }
  return hashing.hash(password)
}
