import { norm } from './embedding.js'
import { percent, qualityOf, type Quality } from './quality.js'

/**
 * Quality of an embedding from what the numbers themselves show, 0 to 100, the least of three findings:
 *
 * - **Strength**: its length before normalisation, 100 from length 1 on. Models that do not normalise give short vectors
 *   for blurred or hidden faces; models that do always give 1, and then this finding says nothing.
 * - **Spread**: the effective number of components (sum x^2)^2 / sum x^4 against that of a random direction, (d + 2) / 3:
 *   the inverse of kurtosis. A working model uses all its components about alike; a few that dominate come from a
 *   saturated or cut-off capture.
 * - **Variety**: the share of components that differ from the most frequent value. Repeated values come from dead, padded
 *   or clipped outputs.
 *
 * Its limits: it tells whether the vector looks like a working model's output, not whether the face was sharp, frontal or
 * alive, which only the capture device saw. Nor does it tell a forged vector from a captured one: a random direction has
 * full quality, and then matches nobody.
 */
export function assessEmbedding(numbers: readonly number[]): Quality {
  return qualityOf([
    {
      score: percent(norm(numbers)),
      advice: 'the signal is weak: come closer, uncover the face, and capture again in better light',
    },
    {
      score: percent(effectiveComponents(numbers) / ((numbers.length + 2) / 3)),
      advice: 'a few numbers dominate the rest: capture again without glare or over-exposure',
    },
    {
      score: percent(1 - shareOfMostFrequent(numbers)),
      advice: 'too many numbers are the same: check the capture device, then capture again',
    },
  ])
}

function effectiveComponents(numbers: readonly number[]): number {
  const length = norm(numbers) // divided out first: fourth powers of raw values could leave a double's range
  return 1 / numbers.reduce((sum, number) => sum + (number / length) ** 4, 0)
}

function shareOfMostFrequent(numbers: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1)
  const most = Math.max(...counts.values())
  return most === 1 ? 0 : most / numbers.length
}
