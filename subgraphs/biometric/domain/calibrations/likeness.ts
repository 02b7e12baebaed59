import { regularisedIncompleteBeta } from '../incomplete-beta.js'
import { normalTail } from '../normal-distribution.js'

/** The parameters of a beta distribution: for embeddings, of the share a^2 of a sample that is the person. */
export interface Likeness {
  readonly a: number
  readonly b: number
}

const PARTS = 48 // finer ones change an equal error rate in its third digit at most

/**
 * The share of one person's pairs with a cosine below the threshold, by the synthetic recipe: a sample is a mu + sqrt(1 - a^2) z
 * with a^2 ~ Beta(a, b), so that the cosine of two is a1 a2 + sqrt((1 - a1^2)(1 - a2^2)) w, w that of two independent
 * directions in d - 1 dimensions: all but normal, of variance 1 / (d - 1).
 */
export function missRateOfRecipe(likeness: Likeness, dimension: number): (threshold: number) => number {
  const shares = betaParts(likeness, PARTS)
  const pairs = shares.flatMap((left, index) =>
    shares.slice(0, index + 1).map((right, other) => ({
      mean: Math.sqrt(left.value * right.value),
      sd: Math.sqrt(((1 - left.value) * (1 - right.value)) / (dimension - 1)),
      weight: left.weight * right.weight * (index === other ? 1 : 2),
    })),
  )
  return (threshold) =>
    pairs.reduce((sum, { mean, sd, weight }) => sum + weight * normalTail((mean - threshold) / sd), 0)
}

/** A beta distribution in so many parts of 0 to 1, each by its middle and its probability; those that hardly ever happen left out. */
export function betaParts({ a, b }: Likeness, parts: number): { readonly value: number; readonly weight: number }[] {
  return Array.from({ length: parts }, (_, index) => ({
    value: (index + 0.5) / parts,
    weight: regularisedIncompleteBeta((index + 1) / parts, a, b) - regularisedIncompleteBeta(index / parts, a, b),
  })).filter(({ weight }) => weight > 1e-9)
}
