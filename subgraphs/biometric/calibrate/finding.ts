/** One figure of a run: what was measured, what is known, and how far they may lie apart by chance. */
export interface Finding {
  readonly name: string
  readonly measured: number
  /** From theory, or from an earlier measurement of the same recipe. */
  readonly known: number
  readonly from: 'theory' | 'recipe'
  /** What a run may measure when `known` is true. */
  readonly low: number
  readonly high: number
}

/** Standard deviations allowed either way: a run of thirty true figures fails once in five thousand. */
const ALLOWED = 4.2

/** A share counted in independent trials. */
export function shareFinding(name: string, measured: number, known: Known, trials: number): Finding {
  const spread = Math.max(Math.sqrt((known.value * (1 - known.value)) / trials), 1 / trials)
  const finding = within(name, measured, known, ALLOWED * spread)
  return { ...finding, low: Math.max(0, finding.low) }
}

/** A figure whose standard deviation over runs is known. */
export function figureFinding(name: string, measured: number, known: Known, sd: number): Finding {
  return within(name, measured, known, ALLOWED * sd)
}

export interface Known {
  readonly value: number
  readonly from: Finding['from']
  /** How uncertain the known figure itself is: none of theory's, half its last digit of a published one. */
  readonly uncertainty?: number
}

export function holds({ measured, low, high }: Finding): boolean {
  return measured >= low && measured <= high
}

function within(name: string, measured: number, known: Known, chance: number): Finding {
  const allowed = chance + (known.uncertainty ?? 0)
  return {
    name,
    measured,
    known: known.value,
    from: known.from,
    low: known.value - allowed,
    high: known.value + allowed,
  }
}
