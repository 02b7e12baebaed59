/** Scans by the kernels: block after block into one heap, whose entries are then looked at again where that makes them truer. */
import { ENTRY_BYTES, openMatchKernels } from '../kernels/match-kernels.js'
import { placeOf, ROW_BITS } from '../search/places.js'
import { BLOCK_BYTES } from '../search/search-memory.js'
import type { Kept, ScanEmbeddings, ScanIrises } from './match-task.js'

/** What sums in float32 may be off by, of products of unit vectors (Higham 2002, 3.1: n u, of eight sums side by side). */
export function roundingOf(components: number): number {
  return (components / 8 + 8) * 2 ** -23
}

export function scanEmbeddings(task: ScanEmbeddings): Kept {
  const { memory, blocks, rowsOfBlock, capacity, heap, components } = task
  const kernels = openMatchKernels(memory)
  const rounding = roundingOf(components)
  const floor = task.floor - rounding
  let size = 0
  for (const block of blocks) {
    const begin = block * BLOCK_BYTES
    size = kernels.scanEmbeddings(
      ...([begin, begin + task.scales, begin + task.slacks, rowsOfBlock, components] as const),
      ...([task.codes, task.queryScale, 1 + task.querySlack, task.querySlack + rounding] as const),
      ...([placeOf(block, 0), heap, size, capacity, floor] as const),
    )
  }
  const passedOver = size === capacity ? (entriesOf(task, size)[0]?.key ?? null) : null
  kernels.rerankEmbeddings(heap, size, components, task.query, BLOCK_BYTES, task.vectors, ROW_BITS)
  return { places: bestFirst(task, size, floor), passedOver }
}

export function scanIrises(task: ScanIrises): Kept {
  const { memory, blocks, rowsOfBlock, capacity, heap, probes, positions, minimumBits, referenceBits } = task
  const kernels = openMatchKernels(memory)
  const floor = task.floor - roundingOf(1)
  let size = 0
  for (const block of blocks) {
    size = kernels.scanIrises(
      ...([block * BLOCK_BYTES, rowsOfBlock, probes, positions, minimumBits, referenceBits] as const),
      ...([placeOf(block, 0), heap, size, capacity, floor] as const),
    )
  }
  const passedOver = size === capacity ? (entriesOf(task, size)[0]?.key ?? null) : null
  return { places: bestFirst(task, size, floor), passedOver }
}

interface Heap {
  readonly memory: WebAssembly.Memory
  readonly heap: number
}

/** As they stand, the least at the root. */
function entriesOf({ memory, heap }: Heap, size: number) {
  const view = new DataView(memory.buffer, heap)
  return Array.from({ length: size }, (_, index) => ({
    key: view.getFloat32(ENTRY_BYTES * index, true),
    place: view.getInt32(ENTRY_BYTES * index + 4, true),
  }))
}

function bestFirst(heap: Heap, size: number, floor: number): readonly number[] {
  const wanted = entriesOf(heap, size).filter(({ key }) => key >= floor)
  return wanted.sort((left, right) => right.key - left.key).map(({ place }) => place)
}
