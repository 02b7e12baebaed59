import { createHash, type Hash } from 'node:crypto'

/** A sample as it is sent, in one of its forms. */
export interface SentSample {
  readonly embedding?: readonly number[] | null | undefined
  /** Both in base64. */
  readonly iris?: { readonly code: string; readonly mask: string } | null | undefined
  /** Directions in degrees. */
  readonly minutiae?:
    | readonly { readonly x: number; readonly y: number; readonly direction: number; readonly type: string }[]
    | null
    | undefined
  /** In base64. */
  readonly fingerRecord?: string | null | undefined
}

/**
 * What a device signs of a sample: SHA-256, in base64url, over the numbers of an embedding, each as 8 bytes (IEEE 754 binary64,
 * little-endian); over an iris code and then its mask; over x, y and direction of each minutia as such numbers and its type in
 * ASCII; or over the bytes of a finger record.
 */
export function sampleDigest({ embedding, iris, minutiae, fingerRecord }: SentSample): string {
  const hash = createHash('sha256')
  addNumbers(hash, embedding ?? [])
  if (iris) hash.update(iris.code, 'base64').update(iris.mask, 'base64')
  for (const { x, y, direction, type } of minutiae ?? []) {
    addNumbers(hash, [x, y, direction])
    hash.update(type, 'ascii')
  }
  if (fingerRecord) hash.update(fingerRecord, 'base64')
  return hash.digest('base64url')
}

function addNumbers(hash: Hash, numbers: readonly number[]): void {
  const bytes = Buffer.alloc(numbers.length * 8)
  numbers.forEach((number, index) => bytes.writeDoubleLE(number, index * 8))
  hash.update(bytes)
}
