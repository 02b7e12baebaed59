import { AppError } from '../../../platform/errors/app-error.js'
import type { LoginAttempts } from './login-attempts.js'
import { hashNewPassword, type PasswordOwner } from './new-password.js'
import type { PasswordHasher } from './password-hasher.js'
import type { RefusalDetails } from './audit.js'
import type { Device } from './session.js'
import { normalisePassword } from './password-policy.js'

export interface PasswordChanges {
  /** Of a live account. */
  ownerOf(userId: string): Promise<PasswordOwner | null>
  /**
   * Puts a new hash in place of `from`, remembers the old one, ends every session but the one kept (telling `session.ended`)
   * and notes the mail about it, all or nothing. False when the password was changed meanwhile.
   */
  change(userId: string, from: string, to: string, at: Date, kept: KeptSession): Promise<boolean>
}

/** The session that goes on, and where it is used. */
export interface KeptSession {
  readonly sessionId: string
  readonly device: Device
}

export interface ChangePasswordDependencies {
  readonly passwords: PasswordChanges
  readonly attempts: LoginAttempts
  readonly hasher: PasswordHasher
  /** Writes down a password that was refused; nobody waits for it. */
  readonly noteRefusal: (userId: string, device: Device, details: RefusalDetails) => void
  readonly now: () => Date
}

/**
 * Changes the password of somebody signed in, who proves to know the present one; guesses at it are counted with those at
 * signing in. Throws AUTH_INVALID_CREDENTIALS for a wrong one, locked or not, VAL_VALIDATION_FAILED for a weak or former new
 * one, RES_CONFLICT when it was changed meanwhile.
 */
export function createChangePassword(dependencies: ChangePasswordDependencies) {
  const { passwords, attempts, hasher, noteRefusal, now } = dependencies
  return async (
    { userId, sessionId }: { readonly userId: string; readonly sessionId: string },
    currentAsTyped: string,
    nextAsTyped: string,
    device: Device,
  ): Promise<void> => {
    const owner = await passwords.ownerOf(userId)
    if (owner === null) throw new AppError('AUTH_INVALID_CREDENTIALS')
    await hasher.admit(async (hashing) => {
      const allowed = await attempts.claim(owner.signInKey)
      const isRight = await hashing.verify(allowed ? owner.passwordHash : null, normalisePassword(currentAsTyped))
      if (!isRight) {
        noteRefusal(userId, device, { reason: 'password' })
        throw new AppError('AUTH_INVALID_CREDENTIALS', { message: 'The present password is not right.' })
      }
      if (!owner.hasSecondFactor) await attempts.clear(owner.signInKey) // who knows one factor may be guessing the other
      const to = await hashNewPassword(hashing, owner, nextAsTyped)
      if (!(await passwords.change(userId, owner.passwordHash, to, now(), { sessionId, device })))
        throw new AppError('RES_CONFLICT')
    })
  }
}

export type ChangePassword = ReturnType<typeof createChangePassword>
