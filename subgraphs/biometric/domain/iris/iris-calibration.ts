import type { Calibration } from '../calibration.js'
import { betaParts } from '../calibrations/likeness.js'
import { LEAST_RATE_OF_THEORY, tableOfTheory, type ScoreTable } from '../calibrations/score-table.js'
import { regularisedIncompleteBeta } from '../incomplete-beta.js'
import { normalTail } from '../normal-distribution.js'
import { IRIS_BITS } from './iris-code.js'

/** Degrees of freedom of Daugman's codes: strangers' distances are those of so many tossed coins (2004). */
export const DAUGMAN_DEGREES_OF_FREEDOM = 249

/**
 * The probability that strangers come as near as `distance`, at the best of `positions` rotations, when at each the distance
 * is the share of heads of `degrees` fair coins: 1 - (1 - F)^positions. Distances are no whole numbers of coins, so the sum
 * over k heads or fewer is taken to stand at k + 1/2 heads, and continued between by the incomplete beta function (NIST DLMF
 * 8.17.5). Throws RangeError for a distance outside 0 to 1.
 */
export function binomialFalseMatchRate(distance: number, degrees: number, positions: number): number {
  if (!(distance >= 0 && distance <= 1)) throw new RangeError('A distance is from 0 to 1.')
  const heads = distance * degrees
  const atOne = regularisedIncompleteBeta(0.5, degrees - heads + 0.5, heads + 0.5)
  return -Math.expm1(positions * Math.log1p(-atOne)) // 1 - (1 - F)^n, exact where F is far below 1e-16 too
}

/** In how many bits captures of one eye differ varies as Beta(2.44, 19.73): the synthetic recipe, after Daugman's 0.11 +- 0.065. */
const NOISE = { a: 2.44, b: 19.73 }

/** How distances are compared: at so many positions, normalised to so many bits. */
export interface IrisTerms {
  readonly positions: number
  readonly referenceBits: number
}

/**
 * The calibration of iris scores (1 - normalised distance) from theory alone. A code whose 2,048 bits are all visible has `degrees`
 * of freedom, and one of n visible bits its share of them. Normalising to r bits makes all of these distances vary as those of
 * degrees r / 2,048 coins do, which is what is compared here. Codes of another encoder have other degrees: measure its
 * strangers, and import that.
 */
export function createIrisCalibration(
  { positions, referenceBits }: IrisTerms,
  degrees = DAUGMAN_DEGREES_OF_FREEDOM,
): Calibration {
  const known = new Map<number, number>()
  const coins = (degrees * referenceBits) / IRIS_BITS
  let table: ScoreTable | undefined
  return {
    version: `theory-binomial-n${degrees}of${IRIS_BITS}-r${positions}-v2`,
    leastFalseMatchRate: LEAST_RATE_OF_THEORY,
    thresholdAt(falseMatchRate) {
      const threshold = known.get(falseMatchRate) ?? 1 - distanceAt(falseMatchRate, coins, positions)
      known.set(falseMatchRate, threshold)
      return threshold
    },
    table: () =>
      (table ??= tableOfTheory({
        lowest: 0.4,
        highest: 1,
        falseMatchRate: (score) => binomialFalseMatchRate(1 - score, coins, positions),
        falseNonMatchRate: missRateOfRecipe(referenceBits),
      })),
  }
}

/** The share of pairs of one fully visible eye that score less: bits differ independently, at a rate that varies from pair to pair. */
function missRateOfRecipe(referenceBits: number): (score: number) => number {
  const rates = betaParts(NOISE, 200) // steps of a thirteenth of the rate's standard deviation
  const scale = Math.sqrt(IRIS_BITS / referenceBits)
  return (score) => {
    const distance = 0.5 + (0.5 - score) / scale // the plain one that is normalised to this score
    return rates.reduce((sum, { value: rate, weight }) => {
      const sd = Math.sqrt((rate * (1 - rate)) / IRIS_BITS)
      return sum + weight * normalTail((distance - rate) / sd)
    }, 0)
  }
}

/** Inverts the rising rate by bisection: sixty halvings leave nothing a double could tell. */
function distanceAt(falseMatchRate: number, degrees: number, positions: number): number {
  if (!(falseMatchRate > 0 && falseMatchRate < 0.5)) throw new RangeError('A false match rate is above 0, below 0.5.')
  let low = 0
  let high = 0.5
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2
    if (binomialFalseMatchRate(middle, degrees, positions) > falseMatchRate) high = middle
    else low = middle
  }
  return low
}
