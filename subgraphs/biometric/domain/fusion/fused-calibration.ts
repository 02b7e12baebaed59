import type { Calibration } from '../calibration.js'
import { equalErrorRateOf, type ScoreTable } from '../calibrations/score-table.js'
import { convolve, tailsOf, type Distribution } from './distribution.js'
import { createScoreEvidence, NATS_PER_STEP, type ScoreEvidence } from './score-evidence.js'

/** Names what is done to the scores of several modalities; stored with every decision. */
export const FUSION_ALGORITHM = 'llr-sum-v1'

/**
 * Several modalities' scores as one: the sum of their log-likelihood ratios, and how often strangers reach it. It supposes that
 * the modalities are independent, and that a stranger is one in all of them.
 */
export interface FusedCalibration {
  /** The calibrations it joins, in their order. */
  readonly version: string
  /** Evidence of each modality, in the order of the calibrations. */
  readonly evidence: readonly ScoreEvidence[]
  /** The lowest rate that can be stated. */
  readonly leastFalseMatchRate: number
  /**
   * The least sum, in steps, that strangers reach no oftener than that: from the convolution of their distributions, which is exact.
   * Throws RangeError for rates it can't state.
   */
  thresholdAt(falseMatchRate: number): number
  /** Of the fused decision, as the calibrations have it. */
  equalErrorRate(): number
}

export function createFusedCalibration(calibrations: readonly Calibration[]): FusedCalibration {
  const evidence = calibrations.map((calibration) => createScoreEvidence(calibration.table()))
  const version = calibrations.map((calibration) => calibration.version).join('+')
  const impostors = evidence.map((one) => one.impostors).reduce(convolve)
  const tails = tailsOf(impostors)
  const leastFalseMatchRate = tails.findLast((tail) => tail > 0) ?? 1
  return {
    version,
    evidence,
    leastFalseMatchRate,
    thresholdAt(falseMatchRate) {
      if (!(falseMatchRate >= leastFalseMatchRate && falseMatchRate < 0.5)) {
        throw new RangeError(`Rates from ${leastFalseMatchRate} to below 0.5 are stated by ${version}.`)
      }
      return impostors.first + tails.findIndex((tail) => tail <= falseMatchRate)
    },
    equalErrorRate: () =>
      equalErrorRateOf(fusedTable(impostors, evidence.map((one) => one.genuine).reduce(convolve))).rate,
  }
}

/** A sum of steps in nats, as operators read it. */
export function natsOf(steps: number): number {
  return steps * NATS_PER_STEP
}

function fusedTable(impostors: Distribution, genuine: Distribution): ScoreTable {
  const falseMatchRates = tailsOf(impostors)
  return {
    thresholds: falseMatchRates.map((_, index) => impostors.first + index),
    falseMatchRates,
    falseMatchBounds: falseMatchRates,
    falseNonMatchRates: tailsOf(genuine).map((tail) => 1 - tail),
    leastFalseNonMatchRate: 0,
  }
}
