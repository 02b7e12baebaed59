import type { RandomSource } from './random-source.js'

/** How near samples of one person lie: dimensions of the sphere, and the share a^2 ~ Beta(a, b) of a sample that is the person. */
export interface EmbeddingRecipe {
  readonly dimension: number
  readonly a: number
  readonly b: number
}

export const embeddingRecipes = {
  /** Cosines of two samples of one person 0.665 +- 0.074, of two persons 0 +- 0.044. */
  easyFace: { dimension: 512, a: 14, b: 7 },
  /** A model whose 512 numbers have the freedom of 128: which of the 512 directions those are changes no cosine. */
  hardFace: { dimension: 128, a: 3, b: 1.5 },
  voice: { dimension: 192, a: 4, b: 4 },
} satisfies Readonly<Record<string, EmbeddingRecipe>>

/** A person nobody is: a direction mu, uniform on the sphere. */
export function syntheticDirection({ dimension }: EmbeddingRecipe, random: RandomSource): Float64Array {
  return unit(Float64Array.from({ length: dimension }, () => random.normal()))
}

/** One more capture: a mu + sqrt(1 - a^2) z, z a uniform direction orthogonal to mu. A unit vector. */
export function sampleAround(mean: Float64Array, recipe: EmbeddingRecipe, random: RandomSource): Float64Array {
  const likeness = Math.sqrt(random.beta(recipe.a, recipe.b))
  const rest = Math.sqrt(1 - likeness * likeness)
  const raw = Float64Array.from(mean, () => random.normal())
  const along = dot(raw, mean)
  const other = unit(raw.map((component, index) => component - along * (mean[index] ?? 0)))
  return other.map((component, index) => likeness * (mean[index] ?? 0) + rest * component)
}

/** The sum of products; of unit vectors their cosine. */
export function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0
  for (let index = 0; index < left.length; index += 1) sum += (left[index] ?? 0) * (right[index] ?? 0)
  return sum
}

function unit(vector: Float64Array): Float64Array {
  const length = Math.sqrt(dot(vector, vector))
  return vector.map((component) => component / length)
}
