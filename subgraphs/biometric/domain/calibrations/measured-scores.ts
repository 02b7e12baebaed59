/** Scores counted at thresholds: what is kept of a trial of a model or a sensor. */
export interface MeasuredScores {
  /** Rising, each once. */
  readonly thresholds: readonly number[]
  /** Strangers at or above each threshold. */
  readonly falseMatches: readonly number[]
  /** One person's pairs below each threshold. */
  readonly falseNonMatches: readonly number[]
  readonly genuineTrials: number
  readonly impostorTrials: number
}

const MOST_THRESHOLDS = 256 // all of them up to that; of more, what a curve over powers of ten shows

/**
 * Counts two samples of scores, higher for more alike. Thresholds are the scores themselves, and one above every stranger's. Where
 * there are too many, those stay that are dense where errors are rare: strangers' ranks from above, genuine ranks from below.
 */
export function countScores(genuine: readonly number[], impostors: readonly number[]): MeasuredScores {
  const strangers = Float64Array.from(impostors).sort()
  const own = Float64Array.from(genuine).sort()
  const highest = strangers.at(-1) ?? 0
  const beyond = own.find((score) => score > highest) ?? highest + Number.EPSILON * Math.max(1, Math.abs(highest))
  const scores = new Set([...strangers, ...own, beyond])
  const chosen =
    scores.size <= MOST_THRESHOLDS
      ? scores
      : new Set([
          beyond,
          ...ranks(strangers.length).map((rank) => strangers[strangers.length - 1 - rank] ?? highest),
          ...ranks(own.length).map((rank) => own[rank] ?? beyond),
        ])
  const thresholds = [...chosen].sort((left, right) => left - right)
  return {
    thresholds,
    falseMatches: thresholds.map((threshold) => strangers.length - countBelow(strangers, threshold)),
    falseNonMatches: thresholds.map((threshold) => countBelow(own, threshold)),
    genuineTrials: own.length,
    impostorTrials: strangers.length,
  }
}

/** Ranks from 0 to below `count`, each farther from the one before by a fixed share. */
function ranks(count: number): number[] {
  const most = MOST_THRESHOLDS / 2 - 1
  return Array.from({ length: most }, (_, index) => Math.floor(count ** (index / (most - 1))) - 1)
}

/** Values below a threshold in a rising list. */
function countBelow(sorted: Float64Array, threshold: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) < threshold) low = middle + 1
    else high = middle
  }
  return low
}

/** What makes counts unfit to decide by, with the field; null when there is nothing. */
export function faultOfScores(scores: MeasuredScores): { readonly field: string; readonly reason: string } | null {
  const { thresholds, falseMatches, falseNonMatches, genuineTrials, impostorTrials } = scores
  const rises = (values: readonly number[], strictly: boolean) =>
    values.every((value, index) => {
      const before = index === 0 ? -Infinity : (values[index - 1] ?? 0)
      return strictly ? value > before : value >= before
    })
  const within = (counts: readonly number[], most: number) =>
    counts.every((count) => Number.isSafeInteger(count) && count >= 0 && count <= most)
  if (!rises(thresholds, true)) return { field: 'rows', reason: 'must have rising thresholds, each once' }
  if (!within(falseMatches, impostorTrials))
    return { field: 'rows', reason: 'has more false matches than impostor trials' }
  if (!within(falseNonMatches, genuineTrials)) {
    return { field: 'rows', reason: 'has more false non-matches than genuine trials' }
  }
  if (!rises([...falseMatches].reverse(), false)) return { field: 'rows', reason: 'must have falling false matches' }
  if (!rises(falseNonMatches, false)) return { field: 'rows', reason: 'must have rising false non-matches' }
  return null
}
