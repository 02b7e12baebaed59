import type { Calibration } from '../calibration.js'
import type { MeasuredScores } from './measured-scores.js'
import { proportionBound } from './proportion-interval.js'
import type { ScoreTable } from './score-table.js'

/**
 * The calibration of a trial. A false match rate is stated only as far as the trial shows it with 95% probability: its threshold is
 * the least one whose upper bound is that rate, so that nothing below 3 / impostor trials can be stated, and nothing is
 * extrapolated.
 */
export function createMeasuredCalibration(version: string, scores: MeasuredScores): Calibration {
  const { thresholds, falseMatches, falseNonMatches, genuineTrials, impostorTrials } = scores
  let known: ScoreTable | undefined
  const table = (): ScoreTable =>
    (known ??= {
      thresholds: Float64Array.from(thresholds),
      falseMatchRates: Float64Array.from(falseMatches, (count) => count / impostorTrials),
      falseMatchBounds: Float64Array.from(falseMatches, (count) => proportionBound(count, impostorTrials)),
      falseNonMatchRates: Float64Array.from(falseNonMatches, (count) => count / genuineTrials),
      leastFalseNonMatchRate: Math.min(0.5, proportionBound(0, genuineTrials)),
    })
  const leastFalseMatchRate = proportionBound(falseMatches.at(-1) ?? impostorTrials, impostorTrials)
  return {
    version,
    table,
    leastFalseMatchRate,
    thresholdAt(falseMatchRate) {
      const { falseMatchBounds } = table()
      const index = falseMatchBounds.findIndex((bound) => bound <= falseMatchRate)
      const threshold = thresholds[index]
      if (threshold === undefined || !(falseMatchRate < 0.5)) {
        throw new RangeError(`Rates from ${leastFalseMatchRate} to below 0.5 are stated by ${version}.`)
      }
      return threshold
    },
  }
}
