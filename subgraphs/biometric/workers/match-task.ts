/**
 * What the workers are asked, one at a time. Addresses, blocks and places are in the memory that all of them share, laid out as
 * search/ says: the one who asks has made sure that they are right.
 */

/** Two templates of minutiae; the answer is a score. Both are wiped by the worker, which has copies. */
export interface ComparePrints {
  readonly kind: 'compare-prints'
  readonly enrolled: Uint8Array
  readonly probe: Uint8Array
}

/** A scan of some blocks of one gallery; the answer is `Kept`. */
interface Scan {
  readonly memory: WebAssembly.Memory
  readonly blocks: Uint32Array
  readonly rowsOfBlock: number
  /** Room for so many entries, at the address `heap`. */
  readonly capacity: number
  readonly heap: number
  /** What scores less is not wanted. */
  readonly floor: number
}

export interface ScanEmbeddings extends Scan {
  readonly kind: 'scan-embeddings'
  readonly components: number
  /** Offsets within a block. */
  readonly vectors: number
  readonly scales: number
  readonly slacks: number
  /** Addresses of the query: as int16 of its codes, and as float32. */
  readonly codes: number
  readonly query: number
  readonly queryScale: number
  readonly querySlack: number
}

export interface ScanIrises extends Scan {
  readonly kind: 'scan-irises'
  /** The address of the probe, written once for every position it is compared at. */
  readonly probes: number
  readonly positions: number
  readonly minimumBits: number
  readonly referenceBits: number
}

export interface ScanPrints extends Omit<Scan, 'heap' | 'rowsOfBlock'> {
  readonly kind: 'scan-prints'
  readonly firstRow: number
  readonly endRow: number
  readonly templateBytes: number
  readonly lengths: number
  /** Wiped by the worker, which has a copy. */
  readonly probe: Uint8Array
}

export interface Kept {
  /** Where rows stand that score at least the floor, as near as the scan can tell, best first. */
  readonly places: readonly number[]
  /** What was passed over for want of room can't score more than this; null where nothing was. */
  readonly passedOver: number | null
}

export type MatchTask = ComparePrints | ScanEmbeddings | ScanIrises | ScanPrints
