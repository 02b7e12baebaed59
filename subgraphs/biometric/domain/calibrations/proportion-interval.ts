import { regularisedIncompleteBeta } from '../incomplete-beta.js'

/** Where a proportion may lie. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/** The probability that an interval or a bound holds. */
export const CONFIDENCE = 0.95

const MANY = 1_000 // from so many on, either way, the two agree to a thousandth of the proportion, and Wilson's is quick

/**
 * The interval a proportion lies in with 95% probability, given so many events in so many trials: the exact one of Clopper and
 * Pearson (Biometrika 26, 1934) by quantiles of the beta distribution, or Wilson's (JASA 22, 1927) where both counts are large.
 * Throws RangeError unless 0 <= events <= trials and there is a trial.
 */
export function proportionInterval(events: number, trials: number): Interval {
  const outside = (1 - CONFIDENCE) / 2
  return { low: 1 - upperBound(trials - events, trials, outside), high: upperBound(events, trials, outside) }
}

/**
 * What a proportion stays below with 95% probability, one-sided. Without events it is 1 - 0.05^(1/n), which is the rule of
 * three: 3/n (ISO/IEC 19795-1, annex B).
 */
export function proportionBound(events: number, trials: number): number {
  return upperBound(events, trials, 1 - CONFIDENCE)
}

function upperBound(events: number, trials: number, outside: number): number {
  if (!(events >= 0 && events <= trials && trials >= 1))
    throw new RangeError('Events are from 0 to the trials, 1 or more.')
  if (events === trials) return 1
  if (events === 0) return -Math.expm1(Math.log(outside) / trials)
  if (events >= MANY && trials - events >= MANY) return wilsonBound(events, trials, outside)
  return betaQuantile(1 - outside, events + 1, trials - events)
}

const QUANTILES: ReadonlyMap<number, number> = new Map([
  [0.05, 1.6448536269514722],
  [0.025, 1.959963984540054],
])

function wilsonBound(events: number, trials: number, outside: number): number {
  const z = QUANTILES.get(Number(outside.toFixed(3))) ?? 1.959963984540054
  const share = events / trials
  const middle = share + (z * z) / (2 * trials)
  const spread = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials))
  return (middle + spread) / (1 + (z * z) / trials)
}

/** By halving: fifty leave a millionth of the least bound there is. */
function betaQuantile(probability: number, a: number, b: number): number {
  let low = 0
  let high = 1
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2
    if (regularisedIncompleteBeta(middle, a, b) < probability) low = middle
    else high = middle
  }
  return high
}
