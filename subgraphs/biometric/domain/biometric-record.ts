/** What is measured of a person, as the schema names it. */
export const biometricTypes = ['FACE', 'VOICE', 'IRIS', 'FINGERPRINT', 'MULTI'] as const
export type BiometricType = (typeof biometricTypes)[number]

/** One enrolled template as everybody but the matcher sees it: without the template. */
export interface BiometricRecord {
  readonly id: string
  readonly userId: string
  readonly type: BiometricType
  readonly modelVersion: string
  /** 0 to 100, as `assessEmbedding` found it at enrolment. */
  readonly qualityScore: number
  readonly isActive: boolean
  /** How many samples it has been enrolled or renewed by. */
  readonly sampleVersion: number
  readonly enrolledAt: Date
  readonly renewedAt: Date | null
  /** From then on it is compared with nothing. */
  readonly expiresAt: Date
  readonly lastUsedAt: Date | null
}
