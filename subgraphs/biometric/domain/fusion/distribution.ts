/** Probabilities of whole numbers: `masses[i]` of the number `first + i`. */
export interface Distribution {
  readonly first: number
  readonly masses: Float64Array
}

/** The distribution of the sum of two independent numbers: their convolution. Exact but for rounding in the sixteenth digit. */
export function convolve(left: Distribution, right: Distribution): Distribution {
  const masses = new Float64Array(left.masses.length + right.masses.length - 1)
  for (let j = 0; j < right.masses.length; j += 1) {
    const mass = right.masses[j] ?? 0
    if (mass === 0) continue // most are: one modality has some hundred values among thousands of steps
    for (let i = 0; i < left.masses.length; i += 1) masses[i + j] = (masses[i + j] ?? 0) + (left.masses[i] ?? 0) * mass
  }
  return { first: left.first + right.first, masses }
}

/** The probability of each number or a higher one, summed from the rare end so that small ones keep their digits. */
export function tailsOf({ masses }: Distribution): Float64Array {
  const tails = new Float64Array(masses.length)
  let sum = 0
  for (let index = masses.length - 1; index >= 0; index -= 1) {
    sum += masses[index] ?? 0
    tails[index] = sum
  }
  return tails
}
