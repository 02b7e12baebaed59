/**
 * What a calibration knows of scores, in one form wherever it comes from: both error rates at rising thresholds. In ISO/IEC
 * 19795-1's words a detection error trade-off.
 */
export interface ScoreTable {
  /** Rising, each once. */
  readonly thresholds: Float64Array
  /** The share of strangers at or above each threshold; falling. */
  readonly falseMatchRates: Float64Array
  /** What those shares stay below with 95% probability; the shares themselves where they come from theory. Falling, above 0. */
  readonly falseMatchBounds: Float64Array
  /** The share of one person's pairs below each threshold; rising. */
  readonly falseNonMatchRates: Float64Array
  /** The least share that is taken for possible: of a person's pairs below the first threshold. */
  readonly leastFalseNonMatchRate: number
}

/** A rate below which theory is not believed: no trial has shown it. */
export const LEAST_RATE_OF_THEORY = 1e-9

/** One capture in ten thousand goes wrong in ways no theory of genuine scores knows of. */
const LEAST_MISS_OF_THEORY = 1e-4

interface TheoryOfScores {
  readonly lowest: number
  readonly highest: number
  /** Given a threshold. */
  readonly falseMatchRate: (threshold: number) => number
  readonly falseNonMatchRate: (threshold: number) => number
}

const THRESHOLDS = 400 // steps of a fourteenth of a stranger's standard deviation, or finer

/** The table of what theory says of both kinds of scores. */
export function tableOfTheory({ lowest, highest, falseMatchRate, falseNonMatchRate }: TheoryOfScores): ScoreTable {
  const thresholds = Float64Array.from(
    { length: THRESHOLDS },
    (_, index) => lowest + ((highest - lowest) * index) / (THRESHOLDS - 1),
  )
  const falseMatchRates = thresholds.map(falseMatchRate)
  return {
    thresholds,
    falseMatchRates,
    falseMatchBounds: falseMatchRates.map((rate) => Math.max(rate, LEAST_RATE_OF_THEORY)),
    falseNonMatchRates: thresholds.map(falseNonMatchRate),
    leastFalseNonMatchRate: LEAST_MISS_OF_THEORY,
  }
}

/** Where both error rates are alike, between the two thresholds that they cross between (straight from one to the other). */
export function equalErrorRateOf(table: ScoreTable): { readonly rate: number; readonly threshold: number } {
  const { thresholds, falseMatchRates, falseNonMatchRates } = table
  const after = thresholds.findIndex((_, index) => (falseNonMatchRates[index] ?? 0) >= (falseMatchRates[index] ?? 0))
  const at = (index: number) => ({
    threshold: thresholds[index] ?? 0,
    match: falseMatchRates[index] ?? 0,
    miss: falseNonMatchRates[index] ?? 0,
  })
  if (after <= 0) {
    const end = at(after === 0 ? 0 : thresholds.length - 1)
    return { rate: (end.match + end.miss) / 2, threshold: end.threshold }
  }
  const [left, right] = [at(after - 1), at(after)]
  const gap = left.match - left.miss
  const share = gap / (gap + right.miss - right.match)
  return {
    rate: left.match + share * (right.match - left.match),
    threshold: left.threshold + share * (right.threshold - left.threshold),
  }
}
