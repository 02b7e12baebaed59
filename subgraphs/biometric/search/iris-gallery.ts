import { hammingDistance } from '../domain/iris/hamming-distance.js'
import { IRIS_TERMS } from '../domain/iris/iris.js'
import { BITS_PER_COLUMN, IRIS_CODE_BYTES } from '../domain/iris/iris-code.js'
import { createGalleryRows } from './gallery-rows.js'
import { createPlainRows } from './plain-rows.js'
import { partsOf, scan } from './scan.js'
import { withScratch, type Scratch } from './scratch.js'
import { createQuietTimes, type GalleryParts, type SearchableGallery } from './searchable-gallery.js'

const TEMPLATE_BYTES = 2 * IRIS_CODE_BYTES
const LEAST_BLOCKS = 1 // a part of 480 irises takes longer than a message
const POSITIONS = 2 * IRIS_TERMS.rotations + 1

/** Irises, searched by their normalised Hamming distance at all positions. */
export function createIrisGallery({ pool, search }: GalleryParts): SearchableGallery {
  const format = createPlainRows(TEMPLATE_BYTES)
  const rows = createGalleryRows(format, search)
  const quiet = createQuietTimes(() => [rows])
  const searchIn = (scratch: Scratch, probe: Uint8Array) => {
    new Uint8Array(search.memory.buffer, scratch.probe, scratch.probeBytes).set(atEveryPosition(probe))
    return {
      pool,
      parts: partsOf(rows.blocks(), pool.threads, LEAST_BLOCKS),
      taskOf: ({ blocks }: { readonly blocks: readonly number[] }, lane: number, floor: number) => ({
        ...{ kind: 'scan-irises' as const, memory: search.memory, blocks: Uint32Array.from(blocks), floor },
        ...{ rowsOfBlock: format.rowsOfBlock, capacity: scratch.capacity, heap: scratch.heapOf(lane) },
        ...{ probes: scratch.probe, positions: POSITIONS },
        ...{ minimumBits: IRIS_TERMS.minimumBits, referenceBits: IRIS_TERMS.referenceBits },
      }),
      judge: async (place: number) => {
        const row = rows.at(place)
        return row && { record: row.record, score: 1 - hammingDistance(row.template, probe, IRIS_TERMS) }
      },
    }
  }
  return {
    get size() {
      return rows.size()
    },
    get bytes() {
      return rows.bytes()
    },
    put: (record, template) => rows.put(record, template),
    remove(record) {
      rows.remove(record)
      quiet.tidy()
    },
    search: (probe, terms) =>
      quiet.during(() => {
        const room = Math.max(format.rowsOfBlock, terms.most) + 1
        return withScratch(search, { lanes: pool.threads, room }, (scratch) => scan(searchIn(scratch, probe), terms))
      }),
    clear: () => rows.clear(),
  }
}

/** A template written once for every number of columns the eye may be turned by. */
function atEveryPosition(template: Uint8Array): Uint8Array {
  const all = new Uint8Array(POSITIONS * TEMPLATE_BYTES)
  for (let position = 0; position < POSITIONS; position += 1) {
    const shift = ((position - IRIS_TERMS.rotations) * BITS_PER_COLUMN) / 8
    for (const half of [0, IRIS_CODE_BYTES]) {
      for (let at = 0; at < IRIS_CODE_BYTES; at += 1) {
        const from = (at + shift + IRIS_CODE_BYTES) % IRIS_CODE_BYTES
        all[position * TEMPLATE_BYTES + half + at] = template[half + from] ?? 0
      }
    }
  }
  return all
}
