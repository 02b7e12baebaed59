import { requireOneField, sampleFault, type Modality } from '../modality.js'
import { hammingDistance, type HammingTerms } from './hamming-distance.js'
import { createIrisCalibration } from './iris-calibration.js'
import { decodeIrisCode, encodeIrisCode, IRIS_BITS, irisCodeFault } from './iris-code.js'
import { assessIrisCode } from './iris-quality.js'

/** What irises are compared by. */
export const IRIS_TERMS: HammingTerms = { rotations: 15, referenceBits: 911, minimumBits: 400 }

/** As it is, in whatever position: two captures of one eye differ in 11% of their bits, and in 2% hardly ever. */
const COPY_TERMS: HammingTerms = { rotations: 15, referenceBits: IRIS_BITS, minimumBits: 400 }
const COPY_DISTANCE = 0.005

/** Irises as codes of 2,048 bits, compared by their normalised Hamming distance; the score is 1 less that distance. */
export const iris: Modality = {
  type: 'IRIS',
  algorithm: 'hamming-r15-n911-v1',
  calibration: createIrisCalibration({
    positions: 2 * IRIS_TERMS.rotations + 1,
    referenceBits: IRIS_TERMS.referenceBits,
  }),
  prepare(sample) {
    const field = requireOneField(sample, 'IRIS', ['iris'])
    if (sample.iris === undefined) throw sampleFault(field, 'must be given')
    const fault = irisCodeFault(sample.iris)
    if (fault !== null) throw sampleFault(`${field}.${fault.part}`, fault.reason)
    return { template: encodeIrisCode(sample.iris), quality: assessIrisCode(sample.iris), field: `input.${field}` }
  },
  compare: async (enrolled, probe) => 1 - hammingDistance(enrolled, probe, IRIS_TERMS),
  isCopy: (enrolled, probe) => nearness(enrolled, probe) <= COPY_DISTANCE,
  directionOf(template) {
    const { code, mask } = decodeIrisCode(template)
    return Float64Array.from({ length: IRIS_BITS }, (_, bit) => {
      if (bitAt(mask, bit) === 0) return 0
      return bitAt(code, bit) === 1 ? 1 : -1
    })
  },
}

/** The plain share of bits that differ, at the best position; hidden parts make two codes no more alike. */
function nearness(enrolled: Uint8Array, probe: Uint8Array): number {
  return hammingDistance(enrolled, probe, COPY_TERMS)
}

function bitAt(bytes: Uint8Array, bit: number): number {
  return ((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1
}
