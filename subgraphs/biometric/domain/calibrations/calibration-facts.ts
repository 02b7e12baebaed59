import type { BiometricType } from '../biometric-record.js'
import type { Modality } from '../modality.js'
import { createMeasuredCalibration } from './measured-calibration.js'
import type { StoredCalibration } from './stored-calibrations.js'

/** What may be told of a calibration, shipped or imported. */
export interface CalibrationFacts {
  readonly version: string
  readonly modality: BiometricType
  readonly algorithm: string
  /** Null for those that ship: they hold for every model without one of its own. */
  readonly modelVersion: string | null
  readonly origin: 'SHIPPED' | 'MEASURED'
  readonly description: string
  readonly genuineTrials: number | null
  readonly impostorTrials: number | null
  readonly leastFalseMatchRate: number
  readonly importedAt: Date | null
  readonly withdrawnAt: Date | null
}

const OF_NOBODY =
  'Strangers by theory, one person by the synthetic recipe: measured on nobody. Import one of your own model.'

export function factsOfShipped({ type, algorithm, calibration }: Modality): CalibrationFacts {
  const { version, leastFalseMatchRate } = calibration
  return {
    ...{ version, leastFalseMatchRate, algorithm, modality: type, modelVersion: null, origin: 'SHIPPED' },
    ...{ description: OF_NOBODY, genuineTrials: null, impostorTrials: null, importedAt: null, withdrawnAt: null },
  }
}

export function factsOfStored({ scores, ...stored }: StoredCalibration): CalibrationFacts {
  const { genuineTrials, impostorTrials } = scores
  const { leastFalseMatchRate } = createMeasuredCalibration(stored.version, scores)
  return { ...stored, origin: 'MEASURED', genuineTrials, impostorTrials, leastFalseMatchRate }
}
