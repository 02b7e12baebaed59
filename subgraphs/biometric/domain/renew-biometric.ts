import { AppError } from '../../../platform/errors/app-error.js'
import type { BiometricRecord } from './biometric-record.js'
import { requireModality, sampleFault, type CapturedSample, type Modalities, type Modality } from './modality.js'
import type { VerificationPolicy } from './policy.js'
import { requireQuality } from './quality.js'
import type { EnrolledTemplates } from './submit-frame.js'

/** What a record becomes. */
export interface Renewal {
  /** As it was read: renewed by somebody else since, it is left alone. */
  readonly record: BiometricRecord
  readonly template: Uint8Array<ArrayBuffer>
  readonly qualityScore: number
  readonly renewedAt: Date
  readonly expiresAt: Date
  /** The old template as a direction, by which a probe next to it is known again; null where its modality has none. */
  readonly oldDirection: Float64Array | null
}

export interface RenewableRecords {
  find(ids: readonly string[], userId: string): Promise<readonly BiometricRecord[]>
  /**
   * Puts the new template in the old one's place, ends the record's open verifications as cancelled and tells the event, all or
   * nothing. From then on the old template is known as a probe that was sent. Nothing changes where the user has `most` other
   * active records that have not expired, has not agreed to be measured, or where the record was renewed or retired meanwhile.
   */
  renew(renewal: Renewal, most: number): Promise<BiometricRecord | 'full' | 'no-consent' | 'changed'>
}

export interface RenewalRequest extends CapturedSample {
  readonly userId: string
  readonly recordId: string
  readonly modelVersion: string
}

interface RenewalParts {
  readonly records: RenewableRecords
  readonly templates: EnrolledTemplates
  readonly modalities: Modalities
  readonly policy: VerificationPolicy
  readonly now: () => Date
}

/**
 * Gives a record a new template, by the same model, and a new life; also one that has expired. Throws RES_NOT_FOUND for a record that
 * is missing, another's or inactive, VAL_VALIDATION_FAILED that names the field at fault, AUTHZ_CONSENT_REQUIRED, and RES_CONFLICT
 * for a user who has as many other active records as the policy allows, and for a record that was changed meanwhile.
 */
export function createRenewBiometric({ records, templates, modalities, policy, now }: RenewalParts) {
  return async ({ userId, recordId, modelVersion, ...sample }: RenewalRequest): Promise<BiometricRecord> => {
    const [record] = await records.find([recordId], userId)
    if (record === undefined || !record.isActive) throw new AppError('RES_NOT_FOUND')
    if (modelVersion !== record.modelVersion) {
      throw sampleFault(
        'modelVersion',
        'must be the record’s: what another model made is enrolled as a record of its own',
      )
    }
    const modality = requireModality(modalities, record.type)
    const { template, quality, field } = modality.prepare(sample)
    requireQuality(quality, policy.minimumQuality, field)
    const old = await templates.open(record)
    if (old === null) throw new AppError('RES_NOT_FOUND')
    const oldDirection = directionOfOther(old, template, modality, field)
    const renewedAt = now()
    const expiresAt = new Date(renewedAt.getTime() + policy.recordLifeMs)
    const renewal = { record, template, qualityScore: quality.score, renewedAt, expiresAt, oldDirection }
    const outcome = await records.renew(renewal, policy.maximumRecords)
    if (typeof outcome === 'object') return outcome
    if (outcome === 'no-consent') throw new AppError('AUTHZ_CONSENT_REQUIRED')
    if (outcome === 'changed') throw new AppError('RES_CONFLICT')
    throw new AppError('RES_CONFLICT', {
      message: `You have ${policy.maximumRecords} other active records, as many as are allowed: deactivate or delete one first.`,
    })
  }
}

/** Throws VAL_VALIDATION_FAILED where the new template is the old one; wipes the old one. */
function directionOfOther(
  old: Uint8Array,
  template: Uint8Array,
  { isCopy, directionOf }: Pick<Modality, 'isCopy' | 'directionOf'>,
  field: string,
): Float64Array | null {
  try {
    if (!isCopy(old, template)) return directionOf(old)
  } finally {
    old.fill(0)
  }
  const reason = 'is the sample that is enrolled: capture a new one'
  throw new AppError('VAL_VALIDATION_FAILED', { details: [{ field, reason }] })
}
