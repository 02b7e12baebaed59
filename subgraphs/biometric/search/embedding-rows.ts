import { quantise } from './quantise.js'
import { blockOf, placeOf, rowOf } from './places.js'
import { ID_BYTES, type RowFormat } from './row-format.js'
import { BLOCK_BYTES } from './search-memory.js'

/** Rows of unit vectors: at eight bits to be scanned, at 32 to be looked at again. Offsets are from the begin of a block. */
export interface EmbeddingRows extends RowFormat {
  /** A multiple of 16; what is beyond the dimension is zero. */
  readonly components: number
  readonly vectors: number
  readonly scales: number
  readonly slacks: number
}

/** Vectors come as float32, little-endian, as the templates of embeddings do. */
export function createEmbeddingRows(dimension: number): EmbeddingRows {
  const components = Math.ceil(dimension / 16) * 16
  const rowBytes = components + 4 * components + 8 + ID_BYTES
  const rowsOfBlock = Math.floor(BLOCK_BYTES / rowBytes)
  const vectors = rowsOfBlock * components
  const scales = vectors + 4 * rowsOfBlock * components
  const slacks = scales + 4 * rowsOfBlock
  const records = slacks + 4 * rowsOfBlock
  const begin = (place: number) => blockOf(place) * BLOCK_BYTES
  const codesOf = (buffer: ArrayBufferLike, place: number) =>
    new Int8Array(buffer, begin(place) + rowOf(place) * components, components)
  const vectorOf = (buffer: ArrayBufferLike, place: number) =>
    new Float32Array(buffer, begin(place) + vectors + 4 * rowOf(place) * components, components)
  const numberOf = (buffer: ArrayBufferLike, place: number, column: number) =>
    new Float32Array(buffer, begin(place) + column + 4 * rowOf(place), 1)
  return {
    ...{ rowsOfBlock, rowBytes, components, vectors, scales, slacks },
    prepare: (buffer, block) =>
      void new Float32Array(buffer, begin(placeOf(block, 0)) + slacks, rowsOfBlock).fill(-Infinity),
    recordAt: (place) => begin(place) + records + ID_BYTES * rowOf(place),
    write(buffer, place, template) {
      const vector = floatsOf(template, dimension)
      const { codes, scale, slack } = quantise(vector)
      vectorOf(buffer, place).set(vector)
      codesOf(buffer, place).set(codes)
      numberOf(buffer, place, scales)[0] = scale
      numberOf(buffer, place, slacks)[0] = slack * 1.000_001 // rounded up, whatever float32 makes of it
    },
    wipe(buffer, place) {
      numberOf(buffer, place, slacks)[0] = -Infinity
      numberOf(buffer, place, scales)[0] = 0
      codesOf(buffer, place).fill(0)
      vectorOf(buffer, place).fill(0)
    },
    read(buffer, place) {
      const template = new Uint8Array(4 * dimension)
      const view = new DataView(template.buffer)
      vectorOf(buffer, place)
        .subarray(0, dimension)
        .forEach((component, at) => view.setFloat32(4 * at, component, true))
      return template
    },
  }
}

/** Throws RangeError for bytes that are no vector of this dimension. */
export function floatsOf(template: Uint8Array, dimension: number): Float32Array {
  if (template.byteLength !== 4 * dimension) throw new RangeError('The vector has another dimension than its gallery.')
  const view = new DataView(template.buffer, template.byteOffset, template.byteLength)
  return Float32Array.from({ length: dimension }, (_, at) => view.getFloat32(4 * at, true))
}
