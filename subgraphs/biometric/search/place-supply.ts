import { blockOf, placeOf } from './places.js'
import type { RowFormat } from './row-format.js'
import type { SearchMemory } from './search-memory.js'

/** Places for the rows of one gallery: which blocks it has, and which of their rows are free. */
export interface PlaceSupply {
  readonly blocks: ReadonlySet<number>
  readonly free: number
  /** A free place, of another block where none has one. Throws as the search memory does. */
  take(): number
  /** The place is free again; a block without any row is given back. */
  release(place: number): void
  /** The block with the fewest rows; its free places are taken by nobody until it is given back. */
  closeEmptiest(): number
  clear(): void
}

export function createPlaceSupply(format: RowFormat, search: SearchMemory): PlaceSupply {
  const taken = new Map<number, number>() // rows of each block
  let free: number[] = []
  let closed: number | null = null
  const add = (block: number, by: number): number => {
    const rows = (taken.get(block) ?? 0) + by
    taken.set(block, rows)
    return rows
  }
  const open = () => {
    const block = search.takeForRows()
    format.prepare(search.memory.buffer, block)
    taken.set(block, 0)
    for (let row = format.rowsOfBlock - 1; row >= 0; row -= 1) free.push(placeOf(block, row))
  }
  const drop = (block: number) => {
    taken.delete(block)
    if (closed === block) closed = null
    else free = free.filter((place) => blockOf(place) !== block)
    search.giveBack(block)
  }
  return {
    get blocks() {
      return new Set(taken.keys())
    },
    get free() {
      return free.length
    },
    take() {
      if (free.length === 0) open()
      const place = free.pop() ?? 0
      add(blockOf(place), 1)
      return place
    },
    release(place) {
      const block = blockOf(place)
      if (add(block, -1) === 0) drop(block)
      else if (block !== closed) free.push(place)
    },
    closeEmptiest() {
      const [block] = [...taken].reduce((least, one) => (one[1] < least[1] ? one : least))
      free = free.filter((place) => blockOf(place) !== block)
      closed = block
      return block
    },
    clear() {
      for (const block of taken.keys()) search.giveBack(block)
      taken.clear()
      free = []
    },
  }
}
