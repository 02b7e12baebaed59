import { countBits } from './count-bits.js'
import { IRIS_BITS, IRIS_COLUMNS, type IrisCode } from './iris-code.js'
import { percent, qualityOf, type Quality } from '../quality.js'

const ENOUGH_SHARE = 0.7 // full quality; lids and lashes of a good capture hide a quarter

/**
 * Quality of an iris code from its own bits, 0 to 100, the least of two findings:
 *
 * - **Visibility**: the share of bits that are not masked, 100 from 0.7 on.
 * - **Texture**: how often neighbouring columns differ in an unmasked bit, against the half that independent phases would
 *   give; 100 from a quarter on. A code of stripes or of one value comes from glare, a closed lid or a printed pattern.
 */
export function assessIrisCode(sample: IrisCode): Quality {
  return qualityOf([
    {
      score: percent(bitsOf(sample.mask) / IRIS_BITS / ENOUGH_SHARE),
      advice:
        'too much of the iris is hidden: open the eye wide, lift lids and lashes, and capture again without reflections',
    },
    {
      score: percent(changesBetweenColumns(sample) / 0.25),
      advice: 'the iris shows too little texture: come closer, hold still, and capture again in focus',
    },
  ])
}

function bitsOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum + countBits(byte), 0)
}

function changesBetweenColumns({ code, mask }: IrisCode): number {
  let changed = 0
  let compared = 0
  for (let byte = 0; byte < 2 * IRIS_COLUMNS; byte += 1) {
    const next = (byte + 2) % (2 * IRIS_COLUMNS)
    const both = (mask[byte] ?? 0) & (mask[next] ?? 0)
    changed += countBits(((code[byte] ?? 0) ^ (code[next] ?? 0)) & both)
    compared += countBits(both)
  }
  return compared === 0 ? 0 : changed / compared
}
