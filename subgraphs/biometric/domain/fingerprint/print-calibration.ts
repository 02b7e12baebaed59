import type { Calibration } from '../calibration.js'

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

/**
 * The nominal calibration of fingerprints: a worth of w is reached by strangers once in 10^(w / 10). Nominal, since it is
 * fitted to synthetic prints: measure real strangers of the capture device, and replace this.
 */
export const nominalPrintCalibration: Calibration = {
  version: 'nominal-minutiae-edges-v1',
  thresholdAt(falseMatchRate) {
    if (!(falseMatchRate > 0 && falseMatchRate < 0.5)) throw new RangeError('A false match rate is above 0, below 0.5.')
    return -10 * Math.log10(falseMatchRate)
  },
}
