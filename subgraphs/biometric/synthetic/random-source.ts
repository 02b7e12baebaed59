/** Random numbers that are the same for the same seed: what is measured on them can be measured again. */
export interface RandomSource {
  /** Uniform, from 0 to below 1, 32 bits of it. */
  uniform(): number
  /** Uniform whole number from 0 to below `count`. */
  below(count: number): number
  /** Normal with mean 0 and standard deviation 1. */
  normal(): number
  /** Gamma with this shape and scale 1. */
  gamma(shape: number): number
  beta(a: number, b: number): number
  /** Poisson; for means up to some hundreds. */
  poisson(mean: number): number
}

/** By sfc32 (Doty-Humphrey, PractRand): small, quick, of period 2^128 on average. */
export function createRandomSource(seed: number): RandomSource {
  const next = sfc32(seed)
  const uniform = () => next() / 0x1_0000_0000
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()) // Box-Muller
  const gamma = (shape: number): number => gammaOf(shape, uniform, normal)
  return {
    uniform,
    below: (count) => Math.floor(uniform() * count),
    normal,
    gamma,
    beta(a, b) {
      const x = gamma(a)
      return x / (x + gamma(b))
    },
    poisson(mean) {
      let events = 0
      for (let time = -Math.log(1 - uniform()); time < mean; time -= Math.log(1 - uniform())) events += 1
      return events
    },
  }
}

/** Marsaglia and Tsang 2000, "A simple method for generating gamma variables"; below shape 1 by their boost. */
function gammaOf(shape: number, uniform: () => number, normal: () => number): number {
  if (shape < 1) return gammaOf(shape + 1, uniform, normal) * (1 - uniform()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = normal()
    const v = (1 + c * x) ** 3
    if (v <= 0) continue
    if (Math.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}

function sfc32(seed: number): () => number {
  let a = 0x9e3779b9
  let b = 0x243f6a88
  let c = seed | 0
  let counter = 1
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return sum >>> 0
  }
  for (let round = 0; round < 15; round += 1) next() // until every bit of the seed has reached every bit of the state
  return next
}
