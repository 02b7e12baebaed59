import { AppError } from '../../../platform/errors/app-error.js'
import type { BiometricRecord, BiometricType } from './biometric-record.js'
import { requireModality, type CapturedSample, type Modalities } from './modality.js'
import type { VerificationPolicy } from './policy.js'
import { requireQuality } from './quality.js'

export interface EnrolledRecords {
  /**
   * Stores the record, its sealed template and the event of it, all or nothing. Nothing is stored when the user has `most`
   * active records already that have not expired, however many are enrolled at once, or has not agreed to be measured.
   */
  add(
    record: BiometricRecord,
    template: Uint8Array<ArrayBuffer>,
    most: number,
  ): Promise<'added' | 'full' | 'no-consent'>
}

export interface Enrolment extends CapturedSample {
  readonly userId: string
  readonly type: BiometricType
  readonly modelVersion: string
}

interface EnrolmentParts {
  readonly records: EnrolledRecords
  readonly modalities: Modalities
  readonly policy: VerificationPolicy
  readonly now: () => Date
}

/**
 * Enrols a sample of sufficient quality as an active record. Throws VAL_VALIDATION_FAILED that names the field at fault,
 * AUTHZ_CONSENT_REQUIRED, and RES_CONFLICT for a user who has as many active records as the policy allows.
 */
export function createEnrollBiometric({ records, modalities, policy, now }: EnrolmentParts) {
  return async ({ userId, type, modelVersion, ...sample }: Enrolment): Promise<BiometricRecord> => {
    const modality = requireModality(modalities, type)
    const { template, quality, field } = modality.prepare(sample)
    requireQuality(quality, policy.minimumQuality, field)
    const enrolledAt = now()
    const record = {
      id: crypto.randomUUID(),
      userId,
      type,
      modelVersion,
      qualityScore: quality.score,
      isActive: true,
      sampleVersion: 1,
      enrolledAt,
      expiresAt: new Date(enrolledAt.getTime() + policy.recordLifeMs),
      renewedAt: null,
      lastUsedAt: null,
    }
    const outcome = await records.add(record, template, policy.maximumRecords)
    if (outcome === 'added') return record
    if (outcome === 'no-consent') throw new AppError('AUTHZ_CONSENT_REQUIRED')
    throw new AppError('RES_CONFLICT', {
      message: `You have ${policy.maximumRecords} active records, as many as are allowed: deactivate or delete one first.`,
    })
  }
}
