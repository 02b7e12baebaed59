import type { ScoreTable } from '../calibrations/score-table.js'
import type { Distribution } from './distribution.js'

/** Likelihood ratios are counted in steps of so many nats: sums of them are whole numbers, and their distributions exact. */
export const NATS_PER_STEP = 1 / 128

/** What scores of one calibration say for and against one person: log-likelihood ratios, never falling with the score. */
export interface ScoreEvidence {
  /** ln(share of one person's pairs / share of strangers) of the score's neighbourhood, in steps. */
  stepsOf(score: number): number
  /** The most any score can say, in steps. */
  readonly most: number
  /** How strangers' evidence is distributed: never less than the trial allows with 95% probability. */
  readonly impostors: Distribution
  readonly genuine: Distribution
}

interface Block {
  /** Scores from here on, up to the next block. */
  readonly from: number
  readonly impostors: number
  readonly genuine: number
}

/**
 * Likelihood ratios of a table by isotonic regression: neighbouring intervals of scores are pooled until the ratio rises (pool
 * adjacent violators; Bruemmer and du Preez, Computer Speech and Language 20, 2006).
 */
export function createScoreEvidence(table: ScoreTable): ScoreEvidence {
  const blocks = pooled(intervalsOf(table))
  const starts = Float64Array.from(blocks, ({ from }) => from)
  const steps = blocks.map(({ genuine, impostors }) => Math.round(Math.log(genuine / impostors) / NATS_PER_STEP))
  const first = steps[0] ?? 0
  const most = steps.at(-1) ?? 0
  const distribution = (masses: readonly number[]): Distribution => {
    const spread = new Float64Array(most - first + 1)
    for (const [index, mass] of masses.entries()) {
      const at = (steps[index] ?? first) - first
      spread[at] = (spread[at] ?? 0) + mass
    }
    return { first, masses: spread }
  }
  return {
    stepsOf(score) {
      const after = starts.findIndex((start) => score < start)
      return steps[after === -1 ? steps.length - 1 : Math.max(0, after - 1)] ?? first
    },
    most,
    impostors: distribution(blocks.map(({ impostors }) => impostors)),
    genuine: distribution(blocks.map(({ genuine }) => genuine)),
  }
}

/** Below the first threshold, between two, and from the last one on. */
function intervalsOf(table: ScoreTable): Block[] {
  const { thresholds, falseMatchBounds, falseNonMatchRates, leastFalseNonMatchRate } = table
  const missesAt = (index: number) => Math.max(falseNonMatchRates[index] ?? 1, leastFalseNonMatchRate)
  const matchesAt = (index: number) => falseMatchBounds[index] ?? 0
  return Array.from({ length: thresholds.length + 1 }, (_, index) => ({
    from: index === 0 ? -Infinity : (thresholds[index - 1] ?? 0),
    impostors: (index === 0 ? 1 : matchesAt(index - 1)) - (index === thresholds.length ? 0 : matchesAt(index)),
    genuine: (index === thresholds.length ? 1 : missesAt(index)) - (index === 0 ? 0 : missesAt(index - 1)),
  }))
}

function pooled(intervals: readonly Block[]): Block[] {
  const blocks: Block[] = []
  for (const interval of intervals) {
    let last = interval
    for (;;) {
      const before = blocks.at(-1)
      // ratios compared crosswise: either share may be nought
      if (before === undefined || before.genuine * last.impostors < last.genuine * before.impostors) break
      blocks.pop()
      last = {
        from: before.from,
        impostors: before.impostors + last.impostors,
        genuine: before.genuine + last.genuine,
      }
    }
    blocks.push(last)
  }
  return blocks
}
