/** What the workers are asked, one at a time. Addresses are in the memory all of them share; see search/search-memory.ts. */

/** Two templates of minutiae; the answer is a score. Both are wiped by the worker, which has copies. */
export interface ComparePrints {
  readonly kind: 'compare-prints'
  readonly enrolled: Uint8Array
  readonly probe: Uint8Array
}

export type MatchTask = ComparePrints
