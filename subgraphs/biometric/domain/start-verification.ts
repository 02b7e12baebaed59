import { AppError } from '../../../platform/errors/app-error.js'
import type { FailureLimit, VerificationPolicy } from './policy.js'
import type { AttemptSubject, Origin } from './origin.js'
import { refuseBlocked, type Block } from './refuse-blocked.js'
import { steps, type Step, type VerificationSession } from './verification-session.js'

export interface NewVerifications {
  /** What keeps the user's next verification against the record, from this device, from beginning; null for nothing. */
  findBlock(subject: AttemptSubject, limit: FailureLimit, now: Date): Promise<Block | null>
  /** Stores the session and its first step. False, and nothing stored, unless the record is the user's and active. */
  add(session: VerificationSession, step: Step, now: Date): Promise<boolean>
}

interface StartParts {
  readonly verifications: NewVerifications
  readonly policy: VerificationPolicy
  readonly now: () => Date
}

/**
 * Begins a verification under today's policy. Throws RES_NOT_FOUND for a record that is missing, another's or inactive,
 * RATE_LIMIT_EXCEEDED after too many failures in a row against it or from the device, or against all records together, and
 * BIOMETRIC_LOCKED once waiting no longer helps.
 */
export function createStartVerification({ verifications, policy, now }: StartParts) {
  return async (recordId: string, userId: string, origin: Origin): Promise<VerificationSession> => {
    const createdAt = now()
    const block = await verifications.findBlock({ ...origin, userId, recordId }, policy.failures, createdAt)
    if (block !== null) throw refuseBlocked(block, createdAt)
    const session: VerificationSession = {
      id: crypto.randomUUID(),
      userId,
      recordId,
      state: steps.created.state,
      percent: steps.created.percent,
      attemptsLeft: policy.maximumFrames,
      falseMatchRate: policy.falseMatchRate,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + policy.sessionLifeMs),
      result: null,
    }
    if (!(await verifications.add(session, steps.created, createdAt))) throw new AppError('RES_NOT_FOUND')
    return session
  }
}
