/**
 * Embeddings: the feature vectors that face and voice models make. In: numbers from a capture device. Out: unit vectors as
 * bytes (float32, little-endian), and the cosine of two of them. It refuses what has no direction or could not be a
 * model's output.
 */
const LARGEST_COMPONENT = 1e6 // models give tens at most; squares of more could overflow in later sums
const SMALLEST_NORM = 1e-6 // below it the direction is rounding noise

/** Why these numbers are no embedding of `dimension` components, for a person; null when they are one. Repeats no value. */
export function embeddingFault(numbers: readonly number[], dimension: number): string | null {
  if (numbers.length !== dimension) return `must have exactly ${dimension} numbers, not ${numbers.length}`
  const odd = numbers.findIndex((number) => !Number.isFinite(number))
  if (odd !== -1) return `must have finite numbers only: number ${odd} is not`
  const large = numbers.findIndex((number) => Math.abs(number) > LARGEST_COMPONENT)
  if (large !== -1) return `must have numbers from -1000000 to 1000000 only: number ${large} is outside`
  if (numbers.every((number) => number === 0)) return 'must not be all zero: capture the sample again'
  if (norm(numbers) < SMALLEST_NORM) return 'is too close to zero to have a direction: capture the sample again'
  return null
}

/** Euclidean length. */
export function norm(numbers: readonly number[]): number {
  return Math.sqrt(numbers.reduce((sum, number) => sum + number * number, 0))
}

/** The vector at unit length, as float32, little-endian. The same direction at another length gives the same bytes. */
export function encodeUnitVector(numbers: readonly number[]): Uint8Array<ArrayBuffer> {
  const length = norm(numbers)
  const bytes = new Uint8Array(numbers.length * 4)
  const view = new DataView(bytes.buffer)
  numbers.forEach((number, index) => view.setFloat32(index * 4, number / length, true))
  return bytes
}

/** The components of an encoded vector. */
export function componentsOf(encoded: Uint8Array): Float64Array {
  const view = viewOf(encoded)
  return Float64Array.from({ length: encoded.byteLength / 4 }, (_, index) => view.getFloat32(index * 4, true))
}

/** The cosine of two encoded vectors, in double precision. Throws RangeError when their lengths differ. */
export function cosine(left: Uint8Array, right: Uint8Array): number {
  if (left.byteLength !== right.byteLength) throw new RangeError('Vectors of different dimensions have no cosine.')
  const a = viewOf(left)
  const b = viewOf(right)
  let dot = 0
  let aa = 0
  let bb = 0
  for (let offset = 0; offset < left.byteLength; offset += 4) {
    const x = a.getFloat32(offset, true)
    const y = b.getFloat32(offset, true)
    dot += x * y
    aa += x * x
    bb += y * y
  }
  return dot / Math.sqrt(aa * bb) // float32 components are of unit length only to seven digits
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
