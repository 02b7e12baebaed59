import type { Identification } from '../domain/galleries/identify-biometric.js'
import type { VerificationResult } from '../domain/verification-session.js'

export type { BiometricRecord as BiometricRecordModel } from '../domain/biometric-record.js'
export type { Policy as VerificationPolicyModel } from '../domain/policy.js'
export type { CalibrationFacts as CalibrationModel } from '../domain/calibrations/calibration-facts.js'
export type { Gallery as GalleryModel } from '../domain/galleries/gallery.js'
export type { VerificationSession as VerificationSessionModel } from '../domain/verification-session.js'

/** A user is known here by id alone; who they are is other subgraphs' knowledge. */
export interface UserModel {
  readonly id: string
}

/** A result with what leads to its terms. */
export interface VerificationResultModel extends VerificationResult {
  readonly sessionId: string
  readonly policyId: string | null
}

export type IdentificationModel = Identification
export type IdentificationCandidateModel = IdentificationModel['candidates'][number]
