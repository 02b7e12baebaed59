/**
 * Vectors at eight bits a component: x is about scale * codes. By the inequality of Cauchy and Schwarz, the product of two vectors
 * is off by no more than |q| |x - x'| + |q - q'| |x'|, so with the length of what rounding took from each (`slack`) a product of
 * rounded vectors bounds the true one from above.
 */
export interface Quantised {
  readonly codes: Int8Array
  readonly scale: number
  /** The length of what was rounded away. */
  readonly slack: number
}

const LARGEST_CODE = 127

export function quantise(vector: Float32Array): Quantised {
  let largest = 0
  for (const component of vector) largest = Math.max(largest, Math.abs(component))
  const scale = Math.fround(largest / LARGEST_CODE)
  const codes = new Int8Array(vector.length)
  let lost = 0
  for (let at = 0; at < vector.length; at += 1) {
    const component = vector[at] ?? 0
    const code = scale === 0 ? 0 : Math.min(LARGEST_CODE, Math.max(-LARGEST_CODE, Math.round(component / scale)))
    codes[at] = code
    lost += (component - scale * code) ** 2
  }
  return { codes, scale, slack: Math.sqrt(lost) }
}
