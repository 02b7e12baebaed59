import { BITS_PER_COLUMN, IRIS_CODE_BYTES, IRIS_COLUMNS, type IrisCode } from '../domain/iris/iris-code.js'
import type { RandomSource } from './random-source.js'

/**
 * The chance that a bit differs from the one before it in its column. Makes two codes differ as 249 fair coins do, the degrees
 * of freedom Daugman measured.
 */
const FLIP = 0.03685

/** The share of bits in which two captures of one eye differ varies from pair to pair as Beta(2.44, 19.73): 0.11 +- 0.065. */
const NOISE = { a: 2.44, b: 19.73 } as const

const ALL_VISIBLE = new Uint8Array(IRIS_CODE_BYTES).fill(0xff)

/** The code of an eye nobody has: a two-state Markov chain in each column, columns independent, nothing masked. */
export function syntheticIris(random: RandomSource): IrisCode {
  const code = new Uint8Array(IRIS_CODE_BYTES)
  for (let column = 0; column < IRIS_COLUMNS; column += 1) {
    let bit = random.below(2)
    for (let row = 0; row < BITS_PER_COLUMN; row += 1) {
      if (row > 0 && random.uniform() < FLIP) bit = 1 - bit
      setBit(code, column * BITS_PER_COLUMN + row, bit)
    }
  }
  return { code, mask: ALL_VISIBLE }
}

/** Another capture of the same eye: bits flipped independently, at a rate drawn for the pair. */
export function capturedAgain({ code, mask }: IrisCode, random: RandomSource): IrisCode {
  const rate = random.beta(NOISE.a, NOISE.b)
  const noisy = code.slice()
  for (let bit = 0; bit < IRIS_COLUMNS * BITS_PER_COLUMN; bit += 1) {
    if (random.uniform() < rate) setBit(noisy, bit, 1 - (((noisy[bit >> 3] ?? 0) >> (bit & 7)) & 1))
  }
  return { code: noisy, mask }
}

/** The same code with the eye turned by so many columns. */
export function turned({ code, mask }: IrisCode, columns: number): IrisCode {
  const shift = (bytes: Uint8Array) =>
    bytes.map((_, at) => bytes[(at + 2 * columns + 2 * IRIS_CODE_BYTES) % IRIS_CODE_BYTES] ?? 0)
  return { code: shift(code), mask: shift(mask) }
}

function setBit(bytes: Uint8Array, bit: number, value: number): void {
  const byte = bytes[bit >> 3] ?? 0
  bytes[bit >> 3] = value === 1 ? byte | (1 << (bit & 7)) : byte & ~(1 << (bit & 7))
}
