import type { BiometricType } from '../biometric-record.js'

/** Records of one modality and model that are searched together. */
export interface Gallery {
  readonly id: string
  /** No two have the same. */
  readonly name: string
  readonly type: BiometricType
  readonly modelVersion: string
  readonly createdAt: Date
}

/** A member's owner, as the database has it now. */
export interface GalleryMember {
  readonly recordId: string
  readonly userId: string
}
