import type { Calibration } from '../calibration.js'
import { regularisedIncompleteBeta } from '../incomplete-beta.js'

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

/**
 * The calibration of iris scores (1 - distance) from theory alone: codes with Daugman's degrees of freedom, compared at
 * `positions` rotations. Codes of another encoder have others: measure its strangers, and replace this.
 */
export function createIrisCalibration(positions: number, degrees = DAUGMAN_DEGREES_OF_FREEDOM): Calibration {
  const known = new Map<number, number>()
  return {
    version: `theory-binomial-n${degrees}-r${positions}-v1`,
    thresholdAt(falseMatchRate) {
      const threshold = known.get(falseMatchRate) ?? 1 - distanceAt(falseMatchRate, degrees, positions)
      known.set(falseMatchRate, threshold)
      return threshold
    },
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
