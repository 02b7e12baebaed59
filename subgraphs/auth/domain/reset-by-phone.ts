import { AppError } from '../../../platform/errors/app-error.js'
import type { LoginAttempts } from './login-attempts.js'
import { hashNewPassword, type PasswordOwner } from './new-password.js'
import type { PasswordHasher } from './password-hasher.js'
import type { LiveCode, PhoneStore, SmsCodes } from './phones.js'
import type { RecoveryCodes } from './second-factors.js'
import type { SendCode, SentCode } from './send-code.js'
import type { RefusalDetails } from './audit.js'
import type { Device } from './session.js'

/** What proves, together, that an account found by its number is one's own. */
export interface ResetProof {
  readonly code: LiveCode
  readonly recoveryCode: Uint8Array<ArrayBuffer>
}

export interface PhoneResets {
  /** Of the live account that is found by the number and is not locked. */
  ownerOfNumber(number: string): Promise<PasswordOwner | null>
  hasRecoveryCode(userId: string, fingerprint: Uint8Array<ArrayBuffer>): Promise<boolean>
  /**
   * Uses both codes up, puts the new hash in place, remembers the old one and ends every session, all or nothing. False where
   * one of the codes was used before, or the password was changed meanwhile.
   */
  reset(owner: PasswordOwner, proof: ResetProof, to: string, at: Date, device: Device): Promise<boolean>
}

export interface ResetByPhoneDependencies {
  readonly phoneResets: PhoneResets
  readonly phones: Pick<PhoneStore, 'claimTry'>
  readonly sendCode: SendCode
  readonly smsCodes: SmsCodes
  readonly recoveryCodes: RecoveryCodes
  readonly attempts: LoginAttempts
  readonly hasher: PasswordHasher
  /** Writes down a code that was refused; nobody waits for it. */
  readonly noteRefusal: (userId: string, device: Device, details: RefusalDetails) => void
  readonly now: () => Date
}

/**
 * A new password for an account that is found by its number: by a code sent there and a recovery code (NIST SP 800-63B-4
 * section 4.2 asks two of different kinds above aal1). The number alone does not do: it may be somebody else's by now.
 */
export function createResetByPhone(dependencies: ResetByPhoneDependencies) {
  const { phoneResets, phones, sendCode, smsCodes, recoveryCodes, attempts, hasher, noteRefusal, now } = dependencies

  /** In as many steps whether or not there is such an account. */
  async function prove(owner: PasswordOwner | null, code: string, recoveryCode: string): Promise<ResetProof | null> {
    const userId = owner?.userId ?? NOBODY
    const live = await phones.claimTry({ userId }, 'reset', now())
    const fingerprint = recoveryCodes.fingerprint(userId, recoveryCode)
    const isKnown = fingerprint !== null && (await phoneResets.hasRecoveryCode(userId, fingerprint))
    return live !== null && smsCodes.isOf(live.id, code) && isKnown ? { code: live, recoveryCode: fingerprint } : null
  }

  return {
    /** Answers the same for every number; only one that an account is found by is sent a code. Throws RATE_LIMIT_EXCEEDED, AUTHZ_FORBIDDEN. */
    request: (number: string, { ipAddress }: Device): Promise<SentCode> =>
      sendCode({ userId: null, registrationId: null, purpose: 'reset', number, ipAddress }),
    /** Throws AUTH_MFA_INVALID alike for a wrong code of either kind and an unknown number, VAL_VALIDATION_FAILED for a weak password. */
    async finish(
      number: string,
      codes: { readonly code: string; readonly recoveryCode: string },
      newPassword: string,
      device: Device,
    ): Promise<void> {
      const allowed = await attempts.claim(number)
      const owner = await phoneResets.ownerOfNumber(number)
      const proof = await prove(allowed ? owner : null, codes.code, codes.recoveryCode)
      if (owner === null || proof === null) {
        if (owner !== null) noteRefusal(owner.userId, device, { reason: 'code' })
        throw new AppError('AUTH_MFA_INVALID')
      }
      const to = await hasher.admit((hashing) => hashNewPassword(hashing, owner, newPassword))
      if (!(await phoneResets.reset(owner, proof, to, now(), device))) throw new AppError('AUTH_MFA_INVALID')
      await attempts.clear(number)
    },
  }
}

export type ResetByPhone = ReturnType<typeof createResetByPhone>

const NOBODY = '00000000-0000-0000-0000-000000000000' // RFC 9562 section 5.9
