import { ENTRY_BYTES } from '../kernels/match-kernels.js'
import { BLOCK_BYTES, type SearchMemory } from './search-memory.js'

/** What a search writes for its workers: the probe, in the first eighth of a block, and a heap for each lane in the rest. */
export interface Scratch {
  /** The address of the probe. */
  readonly probe: number
  readonly probeBytes: number
  /** The address of a lane's heap. */
  heapOf(lane: number): number
  /** Entries of a heap. */
  readonly capacity: number
}

const PROBE_BYTES = BLOCK_BYTES / 8

/** Lends a block to a search; it is wiped afterwards. `room` entries a lane, or as many as there is room for. */
export async function withScratch<Result>(
  search: SearchMemory,
  { lanes, room }: { readonly lanes: number; readonly room: number },
  work: (scratch: Scratch) => Promise<Result>,
): Promise<Result> {
  const block = search.takeForSearch()
  const probe = block * BLOCK_BYTES
  const capacity = Math.min(room, Math.floor((BLOCK_BYTES - PROBE_BYTES) / ENTRY_BYTES / lanes))
  try {
    const heapOf = (lane: number) => probe + PROBE_BYTES + lane * capacity * ENTRY_BYTES
    return await work({ probe, probeBytes: PROBE_BYTES, heapOf, capacity })
  } finally {
    search.giveBack(block)
  }
}
