import type { Calibration } from '../calibration.js'
import type { MeasuredScores } from './measured-scores.js'
import { proportionInterval, type Interval } from './proportion-interval.js'
import { equalErrorRateOf, type ScoreTable } from './score-table.js'

/** A rate with the interval it lies in with 95% probability; without one where it comes from theory. */
export interface Rate {
  readonly value: number
  readonly interval: Interval | null
}

/** Both error rates at a threshold (ISO/IEC 19795-1). */
export interface ErrorRates {
  readonly threshold: number
  readonly falseMatchRate: Rate
  readonly falseNonMatchRate: Rate
}

export interface CalibrationEvaluation {
  readonly equalErrorRate: Rate & { readonly threshold: number }
  /** The detection error trade-off, by rising threshold. */
  readonly points: readonly ErrorRates[]
  /** At the least known threshold at or above each one that was asked for; above the last, at the last. */
  readonly atThresholds: readonly ErrorRates[]
  /** At the thresholds of each false match rate that was asked for. */
  readonly atFalseMatchRates: readonly ErrorRates[]
}

export interface EvaluationRequest {
  readonly calibration: Calibration
  /** What it was measured on; null for theory. */
  readonly scores: MeasuredScores | null
  readonly thresholds: readonly number[]
  readonly falseMatchRates: readonly number[]
}

/**
 * The error rates of a calibration. Intervals are Clopper and Pearson's of independent trials; pairs that share a person are
 * less than independent, so that with many pairs a person they are too narrow (ISO/IEC 19795-1, annex B). Throws RangeError for a
 * false match rate the calibration can't state.
 */
export function evaluateCalibration(request: EvaluationRequest): CalibrationEvaluation {
  const { calibration, scores, thresholds, falseMatchRates } = request
  const table = calibration.table()
  const ratesAt = (index: number): ErrorRates => ({
    threshold: table.thresholds[index] ?? 0,
    falseMatchRate: rate(table.falseMatchRates[index] ?? 0, scores?.impostorTrials),
    falseNonMatchRate: rate(table.falseNonMatchRates[index] ?? 0, scores?.genuineTrials),
  })
  const at = (threshold: number) => ratesAt(indexOf(table, threshold))
  const equal = equalErrorRateOf(table)
  return {
    // as certain as the rarer trials, which are those of one person
    equalErrorRate: { threshold: equal.threshold, ...rate(equal.rate, scores?.genuineTrials) },
    points: Array.from(table.thresholds, (_, index) => ratesAt(index)),
    atThresholds: thresholds.map(at),
    atFalseMatchRates: falseMatchRates.map((falseMatchRate) => at(calibration.thresholdAt(falseMatchRate))),
  }
}

function rate(value: number, trials: number | undefined): Rate {
  if (trials === undefined) return { value, interval: null }
  return { value, interval: proportionInterval(Math.min(trials, Math.round(value * trials)), trials) }
}

function indexOf({ thresholds }: ScoreTable, threshold: number): number {
  const index = thresholds.findIndex((known) => known >= threshold)
  return index === -1 ? thresholds.length - 1 : index
}
