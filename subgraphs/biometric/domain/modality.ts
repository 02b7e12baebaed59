/**
 * What the service has to know of a kind of sample. In: a captured sample. Out: the bytes that are kept or compared, its
 * quality, and scores. It refuses to decide: thresholds come from a calibration, terms from a policy.
 */
import { AppError } from '../../../platform/errors/app-error.js'
import type { BiometricType } from './biometric-record.js'
import type { Quality } from './quality.js'

/** What a capture device sends. */
export interface CapturedSample {
  readonly embedding: readonly number[]
}

export interface PreparedSample {
  /** In the one form of this modality: the same sample always gives the same bytes. */
  readonly template: Uint8Array<ArrayBuffer>
  readonly quality: Quality
}

export interface Modality {
  readonly type: BiometricType
  /** Names what `compare` does; stored with every decision. */
  readonly algorithm: string
  /** The input field its samples come in, for refusals. */
  readonly field: string
  /** Throws VAL_VALIDATION_FAILED that names the field and repeats none of its values. */
  prepare(sample: CapturedSample): PreparedSample
  /** A score, higher for more alike. A promise, for comparisons too long for the event loop. */
  compare(enrolled: Uint8Array, probe: Uint8Array): Promise<number>
}

export type Modalities = ReadonlyMap<BiometricType, Modality>

/** Throws VAL_VALIDATION_FAILED that names `input.type` for a modality this service does not compare. */
export function requireModality(modalities: Modalities, type: BiometricType): Modality {
  const modality = modalities.get(type)
  if (modality !== undefined) return modality
  throw new AppError('VAL_VALIDATION_FAILED', {
    details: [
      { field: 'input.type', reason: `must be ${[...modalities.keys()].join(' or ')}: ${type} can't be compared` },
    ],
  })
}
