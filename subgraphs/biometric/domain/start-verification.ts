import { AppError } from '../../../platform/errors/app-error.js'
import type { BiometricRecord } from './biometric-record.js'
import type { Calibration } from './calibration.js'
import type { Calibrations } from './calibrations/find-calibrations.js'
import type { PolicyChoice } from './choose-policy.js'
import { requireModality, type Modalities } from './modality.js'
import type { FailureLimit, Policy } from './policy.js'
import type { AttemptSubject, Origin } from './origin.js'
import { refuseBlocked, type Block } from './refuse-blocked.js'
import { createNonce } from './create-nonce.js'
import { steps, type Step, type VerificationSession } from './verification-session.js'

export interface NewVerifications {
  /** What keeps the user's next verification against the record, from this device, from beginning; null for nothing. */
  findBlock(subject: AttemptSubject, limit: FailureLimit, now: Date): Promise<Block | null>
  /** Stores the session and its first step. False, and nothing stored, unless the record is the user's and active. */
  add(session: VerificationSession, step: Step, now: Date): Promise<boolean>
}

export interface VerificationStart {
  readonly userId: string
  readonly recordId: string
  readonly origin: Origin
  /** The name of the policy; the default one of the record's modality where it is left out. */
  readonly policy?: string | undefined
  /** Whether the caller may name a policy that asks for less than the configuration does. */
  readonly mayWeaken: boolean
}

interface StartParts {
  readonly verifications: NewVerifications
  readonly findRecord: (id: string, userId: string) => Promise<BiometricRecord | null>
  readonly choosePolicy: (choice: PolicyChoice) => Promise<Policy>
  readonly modalities: Modalities
  readonly calibrations: Pick<Calibrations, 'inForce'>
  readonly failures: FailureLimit
  readonly now: () => Date
}

/**
 * Begins a verification under a policy as it is now. Throws RES_NOT_FOUND for a record that is missing, another's or inactive,
 * RATE_LIMIT_EXCEEDED after too many failures in a row against it or from the device, or against all records together,
 * BIOMETRIC_LOCKED once waiting no longer helps, what `createChoosePolicy` says of the policy, and RES_CONFLICT where nothing is
 * known of samples of the record's model at the false match rate the policy asks for.
 */
export function createStartVerification(parts: StartParts) {
  const { verifications, findRecord, choosePolicy, failures, now } = parts
  return async (start: VerificationStart): Promise<VerificationSession> => {
    const { userId, recordId, origin, policy: name, mayWeaken } = start
    const createdAt = now()
    const record = await findRecord(recordId, userId)
    if (record === null || !record.isActive) throw new AppError('RES_NOT_FOUND')
    const policy = await choosePolicy({ modality: record.type, name, mayWeaken })
    const block = await verifications.findBlock({ ...origin, userId, recordId }, failures, createdAt)
    if (block !== null) throw refuseBlocked(block, createdAt)
    const calibration = await parts.calibrations.inForce(
      requireModality(parts.modalities, record.type),
      record.modelVersion,
    )
    requireStated(calibration, policy)
    const session: VerificationSession = {
      id: crypto.randomUUID(),
      userId,
      recordId,
      state: steps.created.state,
      percent: steps.created.percent,
      attemptsLeft: policy.maximumFrames,
      nonce: createNonce(),
      falseMatchRate: policy.falseMatchRate,
      policyId: policy.id,
      calibrationVersion: calibration.version,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + policy.sessionLifeMs),
      result: null,
    }
    if (!(await verifications.add(session, steps.created, createdAt))) throw new AppError('RES_NOT_FOUND')
    return session
  }
}

function requireStated({ leastFalseMatchRate }: Calibration, { name, falseMatchRate }: Policy): void {
  if (falseMatchRate >= leastFalseMatchRate) return
  const least = leastFalseMatchRate.toPrecision(2)
  throw new AppError('RES_CONFLICT', {
    message: `The policy ${name} asks for a false match rate of ${falseMatchRate}, and what was measured of this model shows ${least} at best: name another policy, or have more measured.`,
  })
}
