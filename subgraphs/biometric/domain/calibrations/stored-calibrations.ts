import type { BiometricType } from '../biometric-record.js'
import type { MeasuredScores } from './measured-scores.js'

/** What scores are of: a calibration holds for nothing else. */
export interface CalibrationSubject {
  readonly modality: BiometricType
  readonly algorithm: string
  readonly modelVersion: string
}

/** An imported trial. Never changes but for being withdrawn. */
export interface StoredCalibration extends CalibrationSubject {
  readonly version: string
  readonly description: string
  readonly scores: MeasuredScores
  readonly importedAt: Date
  readonly withdrawnAt: Date | null
}

export interface StoredCalibrations {
  /** The version imported last for the subject that was not withdrawn; null where there is none. */
  newestVersion(subject: CalibrationSubject): Promise<string | null>
  find(version: string): Promise<StoredCalibration | null>
  /** Newest first. */
  list(filter: {
    modality?: BiometricType | undefined
    modelVersion?: string | undefined
  }): Promise<StoredCalibration[]>
  /** False, and nothing stored, where the version is known already. */
  add(calibration: StoredCalibration): Promise<boolean>
  /** Withdraws it, once; null where there is none. */
  withdraw(version: string, now: Date): Promise<StoredCalibration | null>
}
