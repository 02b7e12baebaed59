/**
 * What the service has to know of a kind of sample. In: a captured sample. Out: the bytes that are kept or compared, its
 * quality, and scores. It refuses to decide: thresholds come from a calibration, terms from a policy.
 */
import { AppError } from '../../../platform/errors/app-error.js'
import type { BiometricType } from './biometric-record.js'
import type { Calibration } from './calibration.js'
import type { Minutia } from './fingerprint/minutiae.js'
import type { IrisCode } from './iris/iris-code.js'
import type { Quality } from './quality.js'

/** What a capture device sends: one of them, by the modality. */
export interface CapturedSample {
  readonly embedding?: readonly number[] | undefined
  readonly iris?: IrisCode | undefined
  readonly minutiae?: readonly Minutia[] | undefined
  /** ISO/IEC 19794-2. */
  readonly fingerRecord?: Uint8Array | undefined
}

export type SampleField = keyof CapturedSample

export interface PreparedSample {
  /** In the one form of this modality: the same sample always gives the same bytes. */
  readonly template: Uint8Array<ArrayBuffer>
  readonly quality: Quality
  /** The input field it came in, for refusals. */
  readonly field: string
}

export interface Modality {
  readonly type: BiometricType
  /** Names what `compare` does; stored with every decision. */
  readonly algorithm: string
  /** Where thresholds come from until a model has a calibration of its own. */
  readonly calibration: Calibration
  /** Throws VAL_VALIDATION_FAILED that names the field and repeats none of its values. */
  prepare(sample: CapturedSample): PreparedSample
  /** A score, higher for more alike. A promise, for comparisons too long for the event loop. */
  compare(enrolled: Uint8Array, probe: Uint8Array): Promise<number>
  /** Whether a probe is the enrolled sample itself, or it with hardly a change: two captures of one person differ by more. */
  isCopy(enrolled: Uint8Array, probe: Uint8Array): boolean
  /** The template as a vector whose direction two near samples nearly share; null where there is none. */
  directionOf(template: Uint8Array): Float64Array | null
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

const sampleFields: readonly SampleField[] = ['embedding', 'iris', 'minutiae', 'fingerRecord']

/**
 * The one field a sample came in. Throws VAL_VALIDATION_FAILED where it is none of `allowed`, and where there is another beside it:
 * a sample that says two things is no sample.
 */
export function requireOneField(
  sample: CapturedSample,
  type: BiometricType,
  allowed: readonly SampleField[],
): SampleField {
  const given = sampleFields.filter((field) => sample[field] !== undefined)
  const [field] = given
  if (field !== undefined && given.length === 1 && allowed.includes(field)) return field
  const wrong = given.find((one) => !allowed.includes(one)) ?? allowed[0] ?? 'embedding'
  const reason = `must not be given here: a sample of ${type} comes as ${allowed.join(' or ')}, and as nothing else`
  const missing = `must be given: a sample of ${type} comes as ${allowed.join(' or ')}`
  throw sampleFault(wrong, given.length === 0 ? missing : reason)
}

/** The refusal of a sample that names where the fault is. */
export function sampleFault(field: string, reason: string): AppError {
  return new AppError('VAL_VALIDATION_FAILED', { details: [{ field: `input.${field}`, reason }] })
}
