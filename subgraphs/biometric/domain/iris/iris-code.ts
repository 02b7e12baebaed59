/**
 * Iris codes: the phase bits of a normalised iris, with a mask of those that can be relied on. In: packed bits from a capture
 * device. Out: one template of 512 bytes. It refuses what has another size, and masks that leave too little.
 */

/** Angular positions of a code; a rotation of the eye moves bits by whole columns. */
export const IRIS_COLUMNS = 128

/** Bits of a column: eight radial bands, two phase bits each (Daugman 2004, "How iris recognition works"). */
export const BITS_PER_COLUMN = 16

export const IRIS_BITS = IRIS_COLUMNS * BITS_PER_COLUMN

/** Bytes of a packed code, and of its mask. */
export const IRIS_CODE_BYTES = IRIS_BITS / 8

/**
 * A code and its mask, column after column, a column's sixteen bits in two bytes, the low one first. A set bit of the mask
 * says that the bit of the code counts.
 */
export interface IrisCode {
  readonly code: Uint8Array
  readonly mask: Uint8Array
}

/** Why these are no code and mask, for a person, with the part that is at fault; null when they are. Repeats no value. */
export function irisCodeFault({ code, mask }: IrisCode): { part: 'code' | 'mask'; reason: string } | null {
  const size = `must have exactly ${IRIS_CODE_BYTES} bytes`
  if (code.length !== IRIS_CODE_BYTES) return { part: 'code', reason: `${size}, not ${code.length}` }
  if (mask.length !== IRIS_CODE_BYTES) return { part: 'mask', reason: `${size}, not ${mask.length}` }
  if (mask.every((byte) => byte === 0)) return { part: 'mask', reason: 'leaves no bit to compare: capture again' }
  return null
}

/**
 * The template of a code: its bits that count, and the mask after them. Bits that do not count are cleared, so that what
 * lies beneath a lid neither is kept nor tells two captures apart.
 */
export function encodeIrisCode({ code, mask }: IrisCode): Uint8Array<ArrayBuffer> {
  const template = new Uint8Array(2 * IRIS_CODE_BYTES)
  template.set(mask, IRIS_CODE_BYTES)
  template.set(code.map((byte, index) => byte & (mask[index] ?? 0)))
  return template
}

/** The halves of a template. Throws RangeError for bytes of another length. */
export function decodeIrisCode(template: Uint8Array): IrisCode {
  if (template.length !== 2 * IRIS_CODE_BYTES) throw new RangeError('An iris template has 512 bytes.')
  return { code: template.subarray(0, IRIS_CODE_BYTES), mask: template.subarray(IRIS_CODE_BYTES) }
}
