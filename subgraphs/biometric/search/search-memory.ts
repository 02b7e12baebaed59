/**
 * The memory galleries are searched in: one for the process, shared with the workers, in blocks of one size. In: who needs a
 * block. Out: its number. It refuses rows a block where only what searches need for themselves is left. Blocks that were given
 * back are wiped.
 */
import { AppError } from '../../../platform/errors/app-error.js'
import { createSharedMemory } from '../kernels/match-kernels.js'

/** Bytes of a block: a hundred faces. A gallery has at least one. */
export const BLOCK_BYTES = 262_144

const KEPT_FOR_SEARCHES = 8 // blocks; each search under way has one

export interface SearchMemory {
  /** Its buffer never moves. Made when the first block is taken. */
  readonly memory: WebAssembly.Memory
  readonly limitBytes: number
  /** Of the blocks that are taken. */
  readonly usedBytes: number
  /** A wiped block for rows. Throws RES_CONFLICT where the limit is reached. */
  takeForRows(): number
  /** Throws RES_CONFLICT where less than a tenth of the memory is left: for callers that can still turn back. */
  requireRoom(): void
  /** A block for a search. Throws RATE_LIMIT_EXCEEDED where there is none. */
  takeForSearch(): number
  giveBack(block: number): void
}

/** The limit is rounded down to whole blocks, 4 GiB at most. It takes memory only as blocks are written to. */
export function createSearchMemory(limitBytes: number): SearchMemory {
  const blocks = Math.floor(limitBytes / BLOCK_BYTES)
  const free: number[] = []
  let memory: WebAssembly.Memory | null = null
  let begun = 0
  const open = () => (memory ??= createSharedMemory(blocks * BLOCK_BYTES))
  const left = () => blocks - begun + free.length
  const take = (): number => {
    open()
    return free.pop() ?? begun++
  }
  return {
    get memory() {
      return open()
    },
    limitBytes: blocks * BLOCK_BYTES,
    get usedBytes() {
      return (begun - free.length) * BLOCK_BYTES
    },
    takeForRows() {
      if (left() > KEPT_FOR_SEARCHES) return take()
      throw isFull()
    },
    requireRoom() {
      if (left() < KEPT_FOR_SEARCHES + blocks / 10) throw isFull()
    },
    takeForSearch() {
      if (left() > 0) return take()
      throw new AppError('RATE_LIMIT_EXCEEDED', {
        message: 'Too many searches are under way: try again in 1 s.',
        retryAfterSeconds: 1,
      })
    },
    giveBack(block) {
      new Uint8Array(open().buffer, block * BLOCK_BYTES, BLOCK_BYTES).fill(0)
      free.push(block)
    },
  }
}

function isFull(): AppError {
  return new AppError('RES_CONFLICT', {
    message: 'There is no memory left to search more records in: remove some from a gallery, or raise the limit.',
  })
}
