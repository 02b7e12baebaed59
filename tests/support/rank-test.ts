/** What the Mann-Whitney test says of two samples. */
export interface RankTest {
  /** Two-sided: how likely ranks at least so far apart are where both samples come from one distribution. */
  readonly p: number
  /** How often a value of the first is greater than one of the second, ties by half: 0.5 where they are alike. */
  readonly superiority: number
}

/**
 * The Mann-Whitney U test (Mann and Whitney 1947), by the normal approximation with the correction for ties and for continuity:
 * good from about twenty values a sample. It asks for ranks alone, so that a machine under load, which makes a few values
 * huge, does not decide it.
 */
export function rankTest(first: readonly number[], second: readonly number[]): RankTest {
  const all = [
    ...first.map((value) => ({ value, isFirst: true })),
    ...second.map((value) => ({ value, isFirst: false })),
  ]
  all.sort((a, b) => a.value - b.value)
  let rankSum = 0
  let ties = 0
  for (let from = 0; from < all.length;) {
    let to = from
    while (to < all.length && all[to]?.value === all[from]?.value) to += 1
    const rank = (from + 1 + to) / 2
    rankSum += rank * all.slice(from, to).filter(({ isFirst }) => isFirst).length
    ties += (to - from) ** 3 - (to - from)
    from = to
  }
  const [m, n, count] = [first.length, second.length, all.length]
  const u = rankSum - (m * (m + 1)) / 2
  const deviation = Math.sqrt(((m * n) / 12) * (count + 1 - ties / (count * (count - 1))))
  const z = deviation === 0 ? 0 : Math.max(0, Math.abs(u - (m * n) / 2) - 0.5) / deviation
  return { p: Math.min(1, 2 * upperTail(z)), superiority: u / (m * n) }
}

/** Of the standard normal distribution; Abramowitz and Stegun 1964, 7.1.26 through erfc, for z of at least 0. */
function upperTail(z: number): number {
  const x = z / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * x)
  const factors = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592]
  return (factors.reduce((sum, factor) => sum * t + factor, 0) * t * Math.exp(-x * x)) / 2
}
