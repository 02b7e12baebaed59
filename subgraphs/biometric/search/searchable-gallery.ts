/** One gallery as it lies in memory. Templates are those of its modality, as `Modality.prepare` makes them. */
import type { MatchPool } from '../workers/match-pool.js'
import type { GalleryRows } from './gallery-rows.js'
import type { Candidate, ScanTerms } from './scan.js'
import type { SearchMemory } from './search-memory.js'

export interface SearchableGallery {
  /** Records in it. */
  readonly size: number
  /** Of memory it takes. */
  readonly bytes: number
  /** In place of what the record had here. Throws RES_CONFLICT where the memory's limit is reached, RangeError for no template. */
  put(record: string, template: Uint8Array): void
  /** Wiped at once, under a search too. */
  remove(record: string): void
  /**
   * The records most like a probe, best first, by the scores of a comparison one to one; none that is here throughout is
   * forgotten. Throws as the pool and the memory do.
   */
  search(probe: Uint8Array, terms: ScanTerms): Promise<readonly Candidate[]>
  clear(): void
}

export interface GalleryParts {
  readonly pool: MatchPool
  readonly search: SearchMemory
}

/** Runs scans of some rows and moves rows together when none goes on. */
export function createQuietTimes(shelves: () => Iterable<GalleryRows>) {
  let scans = 0
  const tidy = () => {
    if (scans > 0) return
    for (const rows of shelves()) rows.compact()
  }
  return {
    tidy,
    async during<Result>(work: () => Promise<Result>): Promise<Result> {
      scans += 1
      try {
        return await work()
      } finally {
        scans -= 1
        tidy()
      }
    },
  }
}
