import { z } from 'zod'
import { MOST_MINUTIAE, TEMPLATE_BYTES_OF_MINUTIA } from '../domain/fingerprint/minutiae.js'
import { createGalleryRows, type GalleryRows } from './gallery-rows.js'
import { createPlainRows, type PlainRows } from './plain-rows.js'
import { scan, type Part } from './scan.js'
import { createQuietTimes, type GalleryParts, type SearchableGallery } from './searchable-gallery.js'

const MINUTIAE_OF_SHELF = 16 // rows of one length each, so that a print with few minutiae takes no room for many
const ROWS_OF_PART = 128 // some tenths of a second: what else waits for a worker gets its turn in between

type Shelf = GalleryRows<PlainRows>

/** Fingerprints, searched by comparing every one. */
export function createPrintGallery({ pool, search }: GalleryParts): SearchableGallery {
  const shelves = Array.from({ length: Math.ceil(MOST_MINUTIAE / MINUTIAE_OF_SHELF) }, (_, at) =>
    createGalleryRows(createPlainRows((at + 1) * MINUTIAE_OF_SHELF * TEMPLATE_BYTES_OF_MINUTIA), search),
  )
  const quiet = createQuietTimes(() => shelves)
  const remove = (record: string) => shelves.some((shelf) => shelf.remove(record))
  const shelfFor = ({ byteLength }: Uint8Array): Shelf => {
    const shelf = shelves.find(({ format }) => byteLength <= format.templateBytes)
    if (shelf === undefined || byteLength === 0) throw new RangeError('This is no template of a fingerprint.')
    return shelf
  }
  const searchShelf = (shelf: Shelf, probe: Uint8Array) => ({
    pool,
    parts: partsOfShelf(shelf),
    taskOf: ({ blocks, rows = [0, shelf.format.rowsOfBlock] }: Part, _lane: number, floor: number) => ({
      ...{ kind: 'scan-prints' as const, memory: search.memory, blocks: Uint32Array.from(blocks), floor, probe },
      ...{ firstRow: rows[0], endRow: rows[1], capacity: rows[1] - rows[0] },
      ...{ templateBytes: shelf.format.templateBytes, lengths: shelf.format.lengths },
    }),
    judge: async (place: number) => {
      const row = shelf.at(place)
      if (row === null) return null
      const score = await pool.run({ kind: 'compare-prints', enrolled: row.template, probe })
      return { record: row.record, score: z.number().parse(score) }
    },
  })
  return {
    get size() {
      return shelves.reduce((sum, shelf) => sum + shelf.size(), 0)
    },
    get bytes() {
      return shelves.reduce((sum, shelf) => sum + shelf.bytes(), 0)
    },
    put(record, template) {
      const shelf = shelfFor(template)
      remove(record)
      shelf.put(record, template)
    },
    remove(record) {
      remove(record)
      quiet.tidy()
    },
    search: (probe, terms) =>
      quiet.during(async () => {
        const found = []
        for (const shelf of shelves) found.push(...(await scan(searchShelf(shelf, probe), terms)))
        return found.sort((left, right) => right.score - left.score).slice(0, terms.most)
      }),
    clear() {
      for (const shelf of shelves) shelf.clear()
    },
  }
}

function partsOfShelf({ blocks, format }: Shelf): readonly Part[] {
  const each = Math.ceil(format.rowsOfBlock / ROWS_OF_PART)
  return [...blocks()].flatMap((block) =>
    Array.from({ length: each }, (_, at) => ({
      blocks: [block],
      rows: [at * ROWS_OF_PART, Math.min(format.rowsOfBlock, (at + 1) * ROWS_OF_PART)] as const,
    })),
  )
}
