import type { BiometricRecord, BiometricType } from './biometric-record.js'
import { requireModality, type CapturedSample, type Modalities } from './modality.js'
import type { VerificationPolicy } from './policy.js'
import { requireQuality } from './quality.js'

export interface EnrolledRecords {
  /** Stores the record, its sealed template and the event of it, all or nothing. */
  add(record: BiometricRecord, template: Uint8Array<ArrayBuffer>): Promise<void>
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

/** Enrols a sample of sufficient quality as an active record. Throws VAL_VALIDATION_FAILED that names the field at fault. */
export function createEnrollBiometric({ records, modalities, policy, now }: EnrolmentParts) {
  return async ({ userId, type, modelVersion, embedding }: Enrolment): Promise<BiometricRecord> => {
    const modality = requireModality(modalities, type)
    const { template, quality } = modality.prepare({ embedding })
    requireQuality(quality, policy.minimumQuality, modality.field)
    const record = {
      id: crypto.randomUUID(),
      userId,
      type,
      modelVersion,
      qualityScore: quality.score,
      isActive: true,
      enrolledAt: now(),
      lastUsedAt: null,
    }
    await records.add(record, template)
    return record
  }
}
