import { AppError } from '../../../platform/errors/app-error.js'
import type { BiometricRecord, BiometricType } from './biometric-record.js'
import type { Calibrations } from './calibrations/find-calibrations.js'
import type { PolicyChoice } from './choose-policy.js'
import type { FindFusedCalibration } from './fusion/find-fused-calibration.js'
import { requireModality, type Modalities } from './modality.js'
import type { FailureLimit, Policy } from './policy.js'
import type { AttemptSubject, Origin } from './origin.js'
import { refuseBlocked, type Block } from './refuse-blocked.js'
import { createNonce } from './create-nonce.js'
import { steps, type Step, type VerificationSession } from './verification-session.js'

export interface NewVerifications {
  /** What keeps the user's next verification against the record, from this device, from beginning; null for nothing. */
  findBlock(subject: AttemptSubject, limit: FailureLimit, now: Date): Promise<Block | null>
  /** Stores the session and its first step. False, and nothing stored, unless the records are the user's and active. */
  add(session: VerificationSession, step: Step, now: Date): Promise<boolean>
}

export interface VerificationStart {
  readonly userId: string
  /** One, or several of different modalities, in the order their frames are to come. */
  readonly recordIds: readonly string[]
  readonly origin: Origin
  /** The name of the policy; the default one of the record's modality, or of MULTI, where it is left out. */
  readonly policy?: string | undefined
  /** How many frames at most, where it is to be fewer than the policy gives. */
  readonly attempts?: number
  /** Whether the caller may name a policy that asks for less than the configuration does. */
  readonly mayWeaken: boolean
}

interface StartParts {
  readonly verifications: NewVerifications
  /** Those of the ids that are the user's, in the order of the ids. */
  readonly findRecords: (ids: readonly string[], userId: string) => Promise<readonly BiometricRecord[]>
  readonly choosePolicy: (choice: PolicyChoice) => Promise<Policy>
  readonly modalities: Modalities
  readonly calibrations: Pick<Calibrations, 'inForce'>
  readonly findFused: FindFusedCalibration
  readonly failures: FailureLimit
  readonly now: () => Date
}

/**
 * Begins a verification under a policy as it is now. It ends, at the latest, when its first record expires. Throws RES_NOT_FOUND for a
 * record that is missing, another's or inactive, BIOMETRIC_RECORD_EXPIRED, RATE_LIMIT_EXCEEDED after too many failures in a row against it or from the device, or against all records together,
 * BIOMETRIC_LOCKED once waiting no longer helps, what `createChoosePolicy` says of the policy, and RES_CONFLICT where nothing is
 * known of samples of the record's model at the false match rate the policy asks for.
 */
export function createStartVerification(parts: StartParts) {
  const { verifications, findRecords, choosePolicy, failures, now } = parts
  return async (start: VerificationStart): Promise<VerificationSession> => {
    const { userId, recordIds, origin, policy: name, mayWeaken } = start
    const createdAt = now()
    requireOnce(recordIds)
    const records = await findRecords(recordIds, userId)
    if (records.length < recordIds.length || !records.every(({ isActive }) => isActive))
      throw new AppError('RES_NOT_FOUND')
    requireUnexpired(records, createdAt)
    const policy = await choosePolicy({ modality: modalityOf(records), name, mayWeaken })
    for (const recordId of recordIds) {
      const block = await verifications.findBlock({ ...origin, userId, recordId }, failures, createdAt)
      if (block !== null) throw refuseBlocked(block, createdAt)
    }
    const calibration = await calibrationOf(records, parts)
    requireStated(calibration, policy)
    const session: VerificationSession = {
      id: crypto.randomUUID(),
      userId,
      recordIds,
      likelihoods: [],
      state: steps.created.state,
      percent: steps.created.percent,
      attemptsLeft: Math.min(policy.maximumFrames, start.attempts ?? policy.maximumFrames),
      nonce: createNonce(),
      falseMatchRate: policy.falseMatchRate,
      policyId: policy.id,
      calibrationVersion: calibration.version,
      createdAt,
      expiresAt: endOf(records, createdAt.getTime() + policy.sessionLifeMs),
      result: null,
    }
    if (!(await verifications.add(session, steps.created, createdAt))) throw new AppError('RES_NOT_FOUND')
    return session
  }
}

function requireOnce(recordIds: readonly string[]): void {
  if (new Set(recordIds).size < recordIds.length) throw recordsFault('must be different ones')
}

function requireUnexpired(records: readonly BiometricRecord[], now: Date): void {
  const expired = records.find(({ expiresAt }) => expiresAt <= now)
  if (expired === undefined) return
  const field = records.length === 1 ? 'input.recordId' : 'input.recordIds'
  const reason = `${expired.id} expired at ${expired.expiresAt.toISOString()}`
  throw new AppError('BIOMETRIC_RECORD_EXPIRED', { details: [{ field, reason }] })
}

function endOf(records: readonly BiometricRecord[], inTimeMs: number): Date {
  return new Date(Math.min(inTimeMs, ...records.map(({ expiresAt }) => expiresAt.getTime())))
}

/** What is verified: a record's modality, or several together. Throws VAL_VALIDATION_FAILED where two are of one modality. */
function modalityOf(records: readonly BiometricRecord[]): BiometricType {
  const types = new Set(records.map(({ type }) => type))
  if (types.size < records.length) {
    throw recordsFault('must be of different modalities: their scores are fused as independent')
  }
  return records.length === 1 ? (records[0]?.type ?? 'MULTI') : 'MULTI'
}

function recordsFault(reason: string): AppError {
  return new AppError('VAL_VALIDATION_FAILED', { details: [{ field: 'input.recordIds', reason }] })
}

/** The one decisions will follow; of several records the fusion of theirs. */
async function calibrationOf(records: readonly BiometricRecord[], { modalities, calibrations, findFused }: StartParts) {
  const own = await Promise.all(
    records.map(({ type, modelVersion }) => calibrations.inForce(requireModality(modalities, type), modelVersion)),
  )
  const version = own.map((calibration) => calibration.version).join('+')
  const [only] = own
  const found = own.length === 1 && only !== undefined ? only : await findFused(version)
  if (found === null) throw new Error(`The calibrations ${version} were found one by one, and not together.`)
  return found
}

interface StatedRates {
  readonly leastFalseMatchRate: number
}

function requireStated({ leastFalseMatchRate }: StatedRates, { name, falseMatchRate }: Policy): void {
  if (falseMatchRate >= leastFalseMatchRate) return
  const least = leastFalseMatchRate.toPrecision(2)
  throw new AppError('RES_CONFLICT', {
    message: `The policy ${name} asks for a false match rate of ${falseMatchRate}, and what was measured of this model shows ${least} at best: name another policy, or have more measured.`,
  })
}
