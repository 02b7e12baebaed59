/**
 * Face embeddings with known error rates, instead of people. In: a seed. Out: persons, and captured samples of each: the
 * same ones for the same seed, in the order they are asked for. They are stand-ins for a face model's output on unit
 * vectors, and say nothing about any real model.
 *
 * A person is a direction mu, uniform on the sphere of 512 dimensions. A sample is a mu + sqrt(1 - a^2) z with z a uniform
 * direction orthogonal to mu and a^2 ~ Beta(14, 7): cosines of two samples of one person 0.665 +- 0.074, of two persons
 * 0 +- 0.044.
 */
export interface FaceSource {
  /** Somebody new. */
  person(): SyntheticPerson
}

export interface SyntheticPerson {
  /** One more capture of this person, a unit vector of 512 numbers. */
  sample(): number[]
}

const DIMENSION = 512

export function createFaceSource(seed: number): FaceSource {
  const random = createRandom(seed)
  return {
    person() {
      const mean = direction(random)
      return { sample: () => sampleAround(mean, random) }
    },
  }
}

function sampleAround(mean: readonly number[], random: () => number): number[] {
  const likeness = Math.sqrt(beta(14, 7, random))
  const other = orthogonalDirection(mean, random)
  const rest = Math.sqrt(1 - likeness * likeness)
  return mean.map((component, index) => likeness * component + rest * (other[index] ?? 0))
}

function orthogonalDirection(mean: readonly number[], random: () => number): number[] {
  const raw = gaussians(random)
  const along = raw.reduce((sum, component, index) => sum + component * (mean[index] ?? 0), 0)
  return unit(raw.map((component, index) => component - along * (mean[index] ?? 0)))
}

function direction(random: () => number): number[] {
  return unit(gaussians(random))
}

function unit(vector: readonly number[]): number[] {
  const length = Math.sqrt(vector.reduce((sum, component) => sum + component * component, 0))
  return vector.map((component) => component / length)
}

function gaussians(random: () => number): number[] {
  return Array.from({ length: DIMENSION }, () => gaussian(random))
}

/** Box and Muller's transform. */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Beta of whole shapes: a ratio of sums of exponential variables. */
function beta(a: number, b: number, random: () => number): number {
  const left = gamma(a, random)
  return left / (left + gamma(b, random))
}

function gamma(shape: number, random: () => number): number {
  let sum = 0
  for (let index = 0; index < shape; index += 1) sum -= Math.log(1 - random())
  return sum
}

/** Uniform on [0, 1), 32 bits a number: a Weyl sequence through an integer mixer, reproducible everywhere. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}
