import { createCipheriv, createHmac, hkdfSync } from 'node:crypto'

/**
 * Keyed sketches by which a probe is known again after small changes, without keeping the probe. In: its direction, a vector. Out:
 * a bit for each of 512 secret directions: on which side of it the vector lies. Two vectors at an angle differ in about
 * angle / pi of the bits, so that those next to each other have sketches next to each other. The directions belong to one
 * record and follow from the master key: who has only the database sees how alike two probes of a record were, nothing else.
 */
export interface ProbeSketches {
  /** Under every key at hand, the current one first. Bits as '0' and '1'. */
  all(recordId: string, direction: Float64Array): readonly [ProbeSketch, ...ProbeSketch[]]
}

export interface ProbeSketch {
  readonly keyId: string
  readonly bits: string
}

export interface ProbeSketchOptions {
  readonly masterKeys: Readonly<Record<string, Uint8Array>>
  readonly currentKeyId: string
}

/** Sketches that differ in so many bits or fewer are of one probe: 2 are expected at a cosine of 0.9999, 52 at 0.95. */
export const ALIKE_BITS = 10

const SKETCH_BITS = 512
const PURPOSE = 'biometrics probe sketch v1'

export function createProbeSketches({ masterKeys, currentKeyId }: ProbeSketchOptions): ProbeSketches {
  const keys = new Map(Object.entries(masterKeys).map(([id, key]) => [id, derive(key)]))
  const currentKey = keys.get(currentKeyId)
  if (currentKey === undefined) throw new RangeError('The current master key is not among the master keys.')
  const others = [...keys].filter(([id]) => id !== currentKeyId)
  return {
    all(recordId, direction) {
      const under = (keyId: string, key: Uint8Array) => ({ keyId, bits: sketch(key, recordId, direction) })
      return [under(currentKeyId, currentKey), ...others.map(([id, key]) => under(id, key))]
    },
  }
}

function derive(masterKey: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', masterKey, new Uint8Array(0), PURPOSE, 32))
}

/** Directions are rows of +1 and -1, a bit each, from AES in counter mode. */
function sketch(key: Uint8Array, recordId: string, components: Float64Array): string {
  const recordKey = createHmac('sha256', key).update(recordId).digest()
  const rowBytes = Math.ceil(components.length / 8)
  const signs = createCipheriv('aes-256-ctr', recordKey, new Uint8Array(16)).update(
    new Uint8Array(SKETCH_BITS * rowBytes),
  )
  let bits = ''
  for (let row = 0; row < SKETCH_BITS; row += 1) {
    let sum = 0
    for (let index = 0; index < components.length; index += 1) {
      const isPlus = ((signs[row * rowBytes + (index >> 3)] ?? 0) >> (index & 7)) & 1
      const component = components[index] ?? 0
      sum += isPlus === 1 ? component : -component
    }
    bits += sum >= 0 ? '1' : '0'
  }
  return bits
}
