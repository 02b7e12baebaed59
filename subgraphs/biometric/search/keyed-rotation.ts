/**
 * Keyed rotations of embeddings. In: a key, and unit vectors as templates have them. Out: the same vectors turned. All cosines stay
 * as they are, and nothing else of a vector does: without the key it says nothing of who it is, and two galleries of one person's
 * vectors can't be told to be of one person. It is no encryption: who knows as many vectors before and after as they have
 * components can compute the rotation.
 *
 * A rotation is four rounds of a secret permutation, secret signs, and the Walsh-Hadamard transform (Ailon and Chazelle 2009, "The
 * fast Johnson-Lindenstrauss transform", use one): each is orthogonal, and d log d additions long. Where d is no power of two the
 * transform goes over as many parts as it takes, which the permutations mix. Secrets come from AES-256 in counter mode.
 */
import { createCipheriv } from 'node:crypto'
import { componentsOf } from '../domain/embedding.js'

export interface KeyedRotation {
  /** Of a template of the rotation's dimension: float32, little-endian. Throws RangeError for another. */
  turn(template: Uint8Array): Uint8Array
}

const ROUNDS = 4

interface Round {
  /** From where each component comes. */
  readonly order: Uint16Array
  /** 1 or -1 each. */
  readonly signs: Int8Array
}

/** The key has 32 bytes. */
export function createKeyedRotation(key: Uint8Array, dimension: number): KeyedRotation {
  const rotate = createRotation(key, dimension)
  return {
    turn(template) {
      const turned = rotate(componentsOf(template))
      const bytes = new Uint8Array(4 * dimension)
      const view = new DataView(bytes.buffer)
      turned.forEach((component, at) => view.setFloat32(4 * at, component, true))
      return bytes
    },
  }
}

/** In double precision: cosines are kept to 1e-15. Throws RangeError for a vector of another dimension. */
export function createRotation(key: Uint8Array, dimension: number): (vector: Float64Array) => Float64Array {
  const secret = createSecretNumbers(key)
  const rounds: readonly Round[] = Array.from({ length: ROUNDS }, () => ({
    order: secretOrder(dimension, secret),
    signs: Int8Array.from({ length: dimension }, () => (secret(2) === 0 ? 1 : -1)),
  }))
  const width = dimension & -dimension // the largest power of two that divides it
  return (vector) => {
    if (vector.length !== dimension) throw new RangeError('The vector has another dimension than its rotation.')
    let turned = vector
    for (const { order, signs } of rounds) {
      const before = turned
      turned = Float64Array.from(order, (from, at) => (before[from] ?? 0) * (signs[at] ?? 0))
      for (let begin = 0; begin < dimension; begin += width) transform(turned.subarray(begin, begin + width))
    }
    return turned
  }
}

/** The Walsh-Hadamard transform in place, divided by the root of the length, which makes it orthogonal. */
function transform(part: Float64Array): void {
  for (let half = 1; half < part.length; half *= 2) {
    for (let begin = 0; begin < part.length; begin += 2 * half) {
      for (let at = begin; at < begin + half; at += 1) {
        const [left, right] = [part[at] ?? 0, part[at + half] ?? 0]
        part[at] = left + right
        part[at + half] = left - right
      }
    }
  }
  const scale = 1 / Math.sqrt(part.length)
  for (let at = 0; at < part.length; at += 1) part[at] = (part[at] ?? 0) * scale
}

/** Fisher and Yates: every order is as likely. */
function secretOrder(length: number, secret: (below: number) => number): Uint16Array {
  const order = Uint16Array.from({ length }, (_, at) => at)
  for (let last = length - 1; last > 0; last -= 1) {
    const other = secret(last + 1)
    const [left, right] = [order[last] ?? 0, order[other] ?? 0]
    order[last] = right
    order[other] = left
  }
  return order
}

/** Whole numbers from 0 to below a bound, each as likely: what 32 bits have over a multiple of the bound is thrown away. */
function createSecretNumbers(key: Uint8Array): (below: number) => number {
  const stream = createCipheriv('aes-256-ctr', key, new Uint8Array(16))
  const next = () => stream.update(new Uint8Array(4)).readUInt32LE(0)
  return (below) => {
    const most = 2 ** 32 - (2 ** 32 % below)
    let number = next()
    while (number >= most) number = next()
    return number % below
  }
}
