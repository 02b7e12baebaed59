import { linkRefused, type LinkOwners } from './confirm-address.js'
import type { LoginAttempts } from './login-attempts.js'
import { hashNewPassword } from './new-password.js'
import type { LinkTokens } from './one-time-links.js'
import type { Device } from './session.js'
import type { PasswordHasher } from './password-hasher.js'

export interface PasswordResets extends LinkOwners {
  /**
   * Uses up the link and all others of its account and purpose, puts the new hash in place, remembers the old one, confirms
   * the address (its owner reads mail there), ends every session and notes the mail about it, all or nothing. False when the
   * link does not work any more.
   */
  reset(fingerprint: Uint8Array<ArrayBuffer>, to: string, at: Date, device: Device): Promise<boolean>
}

export interface ResetPasswordDependencies {
  readonly resets: PasswordResets
  readonly tokens: LinkTokens
  readonly attempts: LoginAttempts
  readonly hasher: PasswordHasher
  readonly now: () => Date
}

/**
 * Sets a new password by the link that was mailed. A weak password leaves the link as it was, for another try. Throws
 * AUTH_TOKEN_INVALID for a link that does not work, before anything is hashed, and VAL_VALIDATION_FAILED.
 */
export function createResetPassword({ resets, tokens, attempts, hasher, now }: ResetPasswordDependencies) {
  return async (token: string, passwordAsTyped: string, device: Device): Promise<void> => {
    const fingerprint = tokens.fingerprint(token)
    const owner = await resets.ownerOfLink(fingerprint, 'reset_password', now())
    if (owner === null) throw linkRefused()
    const to = await hasher.admit((hashing) => hashNewPassword(hashing, owner, passwordAsTyped))
    if (!(await resets.reset(fingerprint, to, now(), device))) throw linkRefused()
    // a lock that strangers caused ends for the owner; but who reads the mail may be guessing the second factor
    if (!owner.hasSecondFactor) await attempts.clear(owner.signInKey)
  }
}

export type ResetPassword = ReturnType<typeof createResetPassword>
