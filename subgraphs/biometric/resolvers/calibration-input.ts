import { z } from 'zod'
import { biometricTypes } from '../domain/biometric-record.js'
import { countScores } from '../domain/calibrations/measured-scores.js'
import { lineOfText } from './inputs.js'

const scores = z.array(z.number()).max(100_000, 'must be at most 100000: count larger trials in a table')
const MOST_TRIALS = 2_000_000_000
const MOST_ROWS = 1_024

const table = z
  .object({
    genuineTrials: z.int().min(1).max(MOST_TRIALS),
    impostorTrials: z.int().min(1).max(MOST_TRIALS),
    rows: z
      .array(z.object({ threshold: z.number(), falseMatches: z.int(), falseNonMatches: z.int() }))
      .min(2, 'must be at least 2')
      .max(MOST_ROWS, `must be at most ${MOST_ROWS}`),
  })
  .transform(({ rows, ...trials }) => ({
    ...trials,
    thresholds: rows.map(({ threshold }) => threshold),
    falseMatches: rows.map(({ falseMatches }) => falseMatches),
    falseNonMatches: rows.map(({ falseNonMatches }) => falseNonMatches),
  }))

/** A trial as it is sent in; its scores counted, whichever way they came. */
export const importCalibrationInput = z
  .object({
    version: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, dots, _ or -'),
    modality: z.enum(biometricTypes),
    algorithm: z.string(),
    modelVersion: lineOfText,
    description: z.string().trim().min(1, 'must not be empty').max(500, 'must have at most 500 characters'),
    samples: z.object({ genuine: scores, impostors: scores }).nullish(),
    table: table.nullish(),
  })
  .transform(({ samples, table: counted, ...facts }, context) => {
    if (samples && !counted) {
      return { ...facts, source: 'samples' as const, scores: countScores(samples.genuine, samples.impostors) }
    }
    if (counted && !samples) return { ...facts, source: 'table' as const, scores: counted }
    const message = 'must be given, or `table`, and not both'
    context.addIssue({ code: 'custom', path: ['samples'], message })
    return z.NEVER
  })

/** Where a calibration is to be evaluated. */
export const evaluationPoints = z.object({
  thresholds: z.array(z.number()).max(100, 'must be at most 100'),
  falseMatchRates: z.array(z.number()).max(100, 'must be at most 100'),
})
