import type { Calibration } from '../calibration.js'
import { LEAST_RATE_OF_THEORY, tableOfTheory, type ScoreTable } from '../calibrations/score-table.js'

/** A pairing's score, and what it is worth: ten for each power of ten by which strangers reach it less often. */
const ANCHORS = [
  [8.48, 0],
  [11.12, 3],
  [14.15, 10],
  [18.22, 20],
  [22.39, 30],
  [27.24, 40],
  [32.01, 50],
] as const

/** The worth of a pairing's score: straight between the anchors, and on as between the last two above them. */
export function worthOf(score: number): number {
  let worth = 0
  for (const [index, [from, value]] of ANCHORS.entries()) {
    if (score <= from) return worth
    const [to, next] = ANCHORS[index + 1] ?? [Infinity, 0]
    const slope = to === Infinity ? LAST_SLOPE : (next - value) / (to - from)
    worth = value + (Math.min(score, to) - from) * slope
  }
  return worth
}

const LAST_SLOPE = (50 - 40) / (32.01 - 27.24)

/** Below which worth what share of one finger's pairs lies: 1,000 pairs of the synthetic recipe's level `hard`. */
const GENUINE = [
  ...([
    [0, 0],
    [8.4, 0.001],
    [13.5, 0.005],
    [17.9, 0.01],
    [22.1, 0.02],
    [30.2, 0.05],
    [39.9, 0.1],
  ] as const),
  ...([
    [52.1, 0.2],
    [63, 0.3],
    [73.3, 0.4],
    [84.7, 0.5],
    [98.7, 0.6],
    [113.3, 0.7],
    [128.4, 0.8],
  ] as const),
] as const

let nominalTable: ScoreTable | undefined

/**
 * The nominal calibration of fingerprints: a worth of w is reached by strangers once in 10^(w / 10). Nominal, since it is
 * fitted to synthetic prints: measure real strangers of the capture device, and import that.
 */
export const nominalPrintCalibration: Calibration = {
  version: 'nominal-minutiae-edges-v1',
  leastFalseMatchRate: LEAST_RATE_OF_THEORY,
  thresholdAt(falseMatchRate) {
    if (!(falseMatchRate > 0 && falseMatchRate < 0.5)) throw new RangeError('A false match rate is above 0, below 0.5.')
    return -10 * Math.log10(falseMatchRate)
  },
  table: () =>
    (nominalTable ??= tableOfTheory({
      lowest: 0,
      highest: 90,
      falseMatchRate: (worth) => 10 ** (-worth / 10),
      falseNonMatchRate: missRate,
    })),
}

/** Straight between the known points. */
function missRate(worth: number): number {
  const after = GENUINE.findIndex(([from]) => from > worth)
  const [[left, low], [right, high]] = [GENUINE[after - 1] ?? GENUINE[0], GENUINE[after] ?? GENUINE[0]]
  return low + ((worth - left) / (right - left)) * (high - low)
}
