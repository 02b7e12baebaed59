import { blockOf, MOST_ROWS_OF_BLOCK, rowOf } from './places.js'
import { ID_BYTES, type RowFormat } from './row-format.js'
import { BLOCK_BYTES } from './search-memory.js'

/** Rows of templates as they are, each of at most so many bytes, and of none where a row is free. */
export interface PlainRows extends RowFormat {
  readonly templateBytes: number
  /** Where the lengths of templates stand, two bytes each, from the begin of a block. The templates themselves begin it. */
  readonly lengths: number
}

export function createPlainRows(templateBytes: number): PlainRows {
  const rowBytes = templateBytes + 2 + ID_BYTES
  const rowsOfBlock = Math.min(MOST_ROWS_OF_BLOCK, Math.floor((BLOCK_BYTES - 1) / rowBytes))
  const lengths = Math.ceil((rowsOfBlock * templateBytes) / 2) * 2
  const records = lengths + 2 * rowsOfBlock
  const begin = (place: number) => blockOf(place) * BLOCK_BYTES
  const templateOf = (buffer: ArrayBufferLike, place: number, length = templateBytes) =>
    new Uint8Array(buffer, begin(place) + rowOf(place) * templateBytes, length)
  const lengthOf = (buffer: ArrayBufferLike, place: number) =>
    new Uint16Array(buffer, begin(place) + lengths + 2 * rowOf(place), 1)
  return {
    ...{ rowsOfBlock, rowBytes, templateBytes, lengths },
    prepare: () => undefined, // a wiped block has lengths of zero, and masks that hide all
    recordAt: (place) => begin(place) + records + ID_BYTES * rowOf(place),
    write(buffer, place, template) {
      if (template.byteLength > templateBytes) throw new RangeError('The template is longer than a row.')
      templateOf(buffer, place, template.byteLength).set(template)
      lengthOf(buffer, place)[0] = template.byteLength
    },
    wipe(buffer, place) {
      lengthOf(buffer, place)[0] = 0
      templateOf(buffer, place).fill(0)
    },
    read: (buffer, place) => templateOf(buffer, place, lengthOf(buffer, place)[0]).slice(),
  }
}
