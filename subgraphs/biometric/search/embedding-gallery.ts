import { cosine } from '../domain/embedding.js'
import { createEmbeddingRows, floatsOf } from './embedding-rows.js'
import { createGalleryRows } from './gallery-rows.js'
import type { KeyedRotation } from './keyed-rotation.js'
import { quantise } from './quantise.js'
import { partsOf, scan } from './scan.js'
import { withScratch, type Scratch } from './scratch.js'
import { createQuietTimes, type GalleryParts, type SearchableGallery } from './searchable-gallery.js'

const LEAST_BLOCKS = 8 // of a part: fewer take less time than a message
const QUERY_OFFSET = 8_192 // of the vector, behind its codes of two bytes each

/** Faces or voices, searched by the cosine; kept, and asked for, only as the rotation turns them. */
export function createEmbeddingGallery(
  { pool, search }: GalleryParts,
  dimension: number,
  rotation: KeyedRotation,
): SearchableGallery {
  const format = createEmbeddingRows(dimension)
  const rows = createGalleryRows(format, search)
  const quiet = createQuietTimes(() => [rows])

  const writeQuery = (scratch: Scratch, probe: Uint8Array) => {
    const vector = new Float32Array(search.memory.buffer, scratch.probe + QUERY_OFFSET, format.components)
    vector.set(floatsOf(probe, dimension))
    const { codes, scale, slack } = quantise(vector)
    new Int16Array(search.memory.buffer, scratch.probe, format.components).set(codes)
    return { queryScale: scale, querySlack: slack }
  }
  const searchIn = (scratch: Scratch, probe: Uint8Array) => {
    const query = writeQuery(scratch, probe)
    return {
      pool,
      parts: partsOf(rows.blocks(), pool.threads, LEAST_BLOCKS),
      taskOf: ({ blocks }: { readonly blocks: readonly number[] }, lane: number, floor: number) => ({
        ...{ kind: 'scan-embeddings' as const, memory: search.memory, blocks: Uint32Array.from(blocks), floor },
        ...{ rowsOfBlock: format.rowsOfBlock, capacity: scratch.capacity, heap: scratch.heapOf(lane) },
        ...{ components: format.components, vectors: format.vectors, scales: format.scales, slacks: format.slacks },
        ...{ codes: scratch.probe, query: scratch.probe + QUERY_OFFSET, ...query },
      }),
      judge: async (place: number) => {
        const row = rows.at(place)
        return row && { record: row.record, score: cosine(row.template, probe) }
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
    put: (record, template) => rows.put(record, rotation.turn(template)),
    remove(record) {
      rows.remove(record)
      quiet.tidy()
    },
    search: (given, terms) =>
      quiet.during(() => {
        const probe = rotation.turn(given)
        const room = Math.max(format.rowsOfBlock, terms.most) + 1
        return withScratch(search, { lanes: pool.threads, room }, (scratch) => scan(searchIn(scratch, probe), terms))
      }),
    clear: () => rows.clear(),
  }
}
