/**
 * The rows of one gallery of one format. In: records with their templates. Out: which blocks to scan, and what stands where.
 * A row that is let go of is wiped at once and its place used again; a scan under way sees a row before or after, never one
 * that is another's by the time it is asked for.
 */
import { createPlaceSupply } from './place-supply.js'
import { placeOf } from './places.js'
import { createRecordPlaces } from './record-places.js'
import { ID_BYTES, type RowFormat } from './row-format.js'
import { BLOCK_BYTES, type SearchMemory } from './search-memory.js'

export interface GalleryRows<Format extends RowFormat = RowFormat> {
  readonly format: Format
  size(): number
  /** Of memory taken, its free rows and the table of records included. */
  bytes(): number
  blocks(): ReadonlySet<number>
  /** In place of what the record had here. Throws as the search memory does. */
  put(record: string, template: Uint8Array): void
  /** Whether it was there. */
  remove(record: string): boolean
  /** The record and template that stand at a place now; null where none does. */
  at(place: number): { readonly record: string; readonly template: Uint8Array } | null
  /** Moves rows together where that empties a block. For when no scan is under way, which might miss what moves. */
  compact(): void
  /** Gives all its memory back. */
  clear(): void
}

export function createGalleryRows<Format extends RowFormat>(format: Format, search: SearchMemory): GalleryRows<Format> {
  const supply = createPlaceSupply(format, search)
  const idAt = (place: number) => new Uint8Array(search.memory.buffer, format.recordAt(place), ID_BYTES)
  let places = createRecordPlaces(idAt)
  const add = (id: Uint8Array, template: Uint8Array) => {
    const place = supply.take()
    try {
      format.write(search.memory.buffer, place, template)
    } catch (error) {
      supply.release(place)
      throw error
    }
    idAt(place).set(id)
    places.add(id, place)
  }
  const release = (id: Uint8Array): boolean => {
    const place = places.remove(id)
    if (place === -1) return false
    format.wipe(search.memory.buffer, place)
    idAt(place).fill(0)
    supply.release(place)
    return true
  }
  const at = (place: number) => {
    const id = idAt(place).slice()
    return places.find(id) === place ? { id, template: format.read(search.memory.buffer, place) } : null
  }
  const empty = (block: number) => {
    for (let row = 0; row < format.rowsOfBlock; row += 1) {
      const moved = at(placeOf(block, row))
      if (moved === null) continue
      release(moved.id) // the last of them gives the block back
      add(moved.id, moved.template)
    }
  }
  return {
    format,
    size: () => places.size,
    bytes: () => supply.blocks.size * BLOCK_BYTES + places.bytes,
    blocks: () => supply.blocks,
    put(record, template) {
      const id = idOf(record)
      release(id)
      add(id, template)
    },
    remove: (record) => release(idOf(record)),
    at(place) {
      const row = at(place)
      return row && { record: nameOf(row.id), template: row.template }
    },
    compact() {
      while (supply.free >= 2 * format.rowsOfBlock) empty(supply.closeEmptiest())
    },
    clear() {
      supply.clear()
      places = createRecordPlaces(idAt)
    },
  }
}

function idOf(record: string): Uint8Array {
  return new Uint8Array(Buffer.from(record.replaceAll('-', ''), 'hex'))
}

function nameOf(id: Uint8Array): string {
  const hex = Buffer.from(id).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
