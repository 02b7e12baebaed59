import { LEAST_RATE_OF_THEORY, tableOfTheory, type ScoreTable } from './calibrations/score-table.js'
import { missRateOfRecipe, type Likeness } from './calibrations/likeness.js'
import { regularisedIncompleteBeta } from './incomplete-beta.js'

/** What turns a false match rate into a score threshold. Belongs to one modality, algorithm and model version. */
export interface Calibration {
  /** Says where the thresholds come from; stored with every decision. */
  readonly version: string
  /** The lowest rate it is believed for. */
  readonly leastFalseMatchRate: number
  /**
   * The least score at which strangers are accepted no oftener than `falseMatchRate`. Throws RangeError from 0.5 on, and for rates
   * that nothing is known of.
   */
  thresholdAt(falseMatchRate: number): number
  /** Both error rates at thresholds. */
  table(): ScoreTable
}

/**
 * The calibration of cosine scores from theory alone: strangers' embeddings are taken as independent and uniform on the
 * sphere of `dimension` dimensions, so that (1 + cosine) / 2 follows Beta((d-1)/2, (d-1)/2). Real models are less uniform:
 * with one, thresholds measured on its own scores are to replace these, and `version` says that these are theory. How alike
 * samples of one person are is that of the synthetic recipe `likeness`.
 */
export function createTheoreticalCalibration(dimension: number, likeness: Likeness = { a: 14, b: 7 }): Calibration {
  const known = new Map<number, number>()
  let table: ScoreTable | undefined
  return {
    version: `theory-isotropic-d${dimension}-v1`,
    leastFalseMatchRate: LEAST_RATE_OF_THEORY,
    thresholdAt(falseMatchRate) {
      const threshold = known.get(falseMatchRate) ?? cosineAt(falseMatchRate, dimension)
      known.set(falseMatchRate, threshold)
      return threshold
    },
    table: () =>
      (table ??= tableOfTheory({
        lowest: -0.2,
        highest: 1,
        falseMatchRate: (cosine) => isotropicFalseMatchRate(cosine, dimension),
        falseNonMatchRate: missRateOfRecipe(likeness, dimension),
      })),
  }
}

/** The probability that two independent uniform directions have at least this cosine. */
export function isotropicFalseMatchRate(cosine: number, dimension: number): number {
  const shape = (dimension - 1) / 2
  return regularisedIncompleteBeta((1 - cosine) / 2, shape, shape) // the upper tail, by symmetry
}

/** Inverts the falling tail by bisection: sixty halvings leave nothing a double could tell. */
function cosineAt(falseMatchRate: number, dimension: number): number {
  if (!(falseMatchRate > 0 && falseMatchRate < 0.5)) throw new RangeError('A false match rate is above 0, below 0.5.')
  let low = 0
  let high = 1
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2
    if (isotropicFalseMatchRate(middle, dimension) > falseMatchRate) low = middle
    else high = middle
  }
  return high
}
