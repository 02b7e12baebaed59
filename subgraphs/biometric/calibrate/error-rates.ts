/** Scores of one trial, higher for more alike: of pairs of one person, and of pairs of strangers. */
export interface Trial {
  readonly genuine: Float64Array
  readonly impostors: Float64Array
}

/** A point of a detection error trade-off (ISO/IEC 19795-1). */
export interface DetPoint {
  readonly threshold: number
  /** The share of strangers at or above the threshold. */
  readonly falseMatchRate: number
  /** The share of pairs of one person below it. */
  readonly falseNonMatchRate: number
}

/** Both lists sorted, lowest first: what the rest of this file expects. */
export function createTrial(genuine: readonly number[], impostors: readonly number[]): Trial {
  return { genuine: Float64Array.from(genuine).sort(), impostors: Float64Array.from(impostors).sort() }
}

export function errorRatesAt({ genuine, impostors }: Trial, threshold: number): DetPoint {
  return {
    threshold,
    falseMatchRate: 1 - countBelow(impostors, threshold) / impostors.length,
    falseNonMatchRate: countBelow(genuine, threshold) / genuine.length,
  }
}

/** The points of the curve, at most `most` of them, by rising threshold; evenly spread over the strangers' ranks, dense at the top. */
export function detCurve(trial: Trial, most = 200): DetPoint[] {
  const { impostors } = trial
  const points = Array.from({ length: most }, (_, index) => {
    const fromTop = Math.floor(impostors.length ** (1 - index / (most - 1)))
    return errorRatesAt(trial, impostors[Math.max(0, impostors.length - fromTop)] ?? 0)
  })
  return points.filter((point, index) => index === 0 || point.threshold !== points[index - 1]?.threshold)
}

/** The rate at which both errors are alike: the mean of both where they come nearest, at some genuine score. */
export function equalErrorRate(trial: Trial): { readonly rate: number; readonly threshold: number } {
  let best = { gap: Infinity, rate: 1, threshold: 0 }
  for (const threshold of trial.genuine) {
    const { falseMatchRate, falseNonMatchRate } = errorRatesAt(trial, threshold)
    const gap = Math.abs(falseMatchRate - falseNonMatchRate)
    if (gap < best.gap) best = { gap, rate: (falseMatchRate + falseNonMatchRate) / 2, threshold }
  }
  return best
}

export function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function standardDeviation(values: Float64Array): number {
  const middle = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1))
}

function countBelow(sorted: Float64Array, threshold: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) < threshold) low = middle + 1
    else high = middle
  }
  return low
}
