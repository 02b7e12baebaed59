import { countBits } from './count-bits.js'
import { BITS_PER_COLUMN, decodeIrisCode, IRIS_CODE_BYTES, IRIS_COLUMNS } from './iris-code.js'

const BYTES_PER_COLUMN = BITS_PER_COLUMN / 8

export interface HammingTerms {
  /** Columns an eye may be turned either way; 2 * rotations + 1 positions are compared and the best counts. */
  readonly rotations: number
  /**
   * The number of bits the distance is stated for: with fewer a low distance says less, with more it says more. Daugman's
   * 911 is what two of his codes have in common on average (2006, "Probing the uniqueness and randomness of IrisCodes").
   */
  readonly referenceBits: number
  /** Positions with fewer bits in common are passed over. */
  readonly minimumBits: number
}

/**
 * The normalised Hamming distance of two iris templates, 0 for the same eye, about 0.5 for strangers: the least, over all
 * positions, of `0.5 - (0.5 - HD) * sqrt(n / referenceBits)`, where HD is the share of n bits, unmasked in both, that
 * differ. 0.5 where no position has enough bits in common. Throws RangeError for bytes that are no template.
 */
export function hammingDistance(left: Uint8Array, right: Uint8Array, terms: HammingTerms): number {
  const a = wordsOf(left)
  const turned = turnable(right)
  let best = 0.5
  for (let columns = -terms.rotations; columns <= terms.rotations; columns += 1) {
    const { differing, common } = compareAt(a, turned, (columns + IRIS_COLUMNS) % IRIS_COLUMNS)
    if (common < terms.minimumBits) continue
    best = Math.min(best, 0.5 - (0.5 - differing / common) * Math.sqrt(common / terms.referenceBits))
  }
  return best
}

interface Words {
  readonly code: Uint32Array
  readonly mask: Uint32Array
}

const WORDS = IRIS_CODE_BYTES / 4

/** Copied, since a template need not lie where 32 bits may be read at once. Which byte of a word is which changes no count. */
function wordsOf(template: Uint8Array): Words {
  const { code, mask } = decodeIrisCode(template)
  return { code: new Uint32Array(code.slice().buffer), mask: new Uint32Array(mask.slice().buffer) }
}

/** A code written twice in a row, begun at an even and at an odd column: turned by any number it is a run of whole words. */
interface Turnable {
  readonly even: Words
  readonly odd: Words
}

function turnable(template: Uint8Array): Turnable {
  const { code, mask } = decodeIrisCode(template)
  const begunAt = (column: number): Words => ({ code: twice(code, column), mask: twice(mask, column) })
  return { even: begunAt(0), odd: begunAt(1) }
}

function twice(bytes: Uint8Array, firstColumn: number): Uint32Array {
  const begin = firstColumn * BYTES_PER_COLUMN
  const run = new Uint8Array(2 * IRIS_CODE_BYTES)
  run.set(bytes.subarray(begin))
  run.set(bytes, IRIS_CODE_BYTES - begin)
  run.set(bytes.subarray(0, begin), 2 * IRIS_CODE_BYTES - begin)
  return new Uint32Array(run.buffer)
}

function compareAt(left: Words, right: Turnable, columns: number): { differing: number; common: number } {
  const { code, mask } = columns % 2 === 0 ? right.even : right.odd
  const start = columns >>> 1
  let differing = 0
  let common = 0
  for (let word = 0; word < WORDS; word += 1) {
    const both = (left.mask[word] ?? 0) & (mask[start + word] ?? 0)
    differing += countBits(((left.code[word] ?? 0) ^ (code[start + word] ?? 0)) & both)
    common += countBits(both)
  }
  return { differing, common }
}
