import { CacheUnavailableError, type Cache } from '../../../platform/cache/cache.js'
import type { Logger } from '../../../platform/log/logger.js'
import type { SearchCounts } from '../domain/search-allowance.js'

export interface CachedSearchCountsOptions {
  readonly cache: Cache
  /** Counts while `cache` is away; of this process alone. */
  readonly fallback: Cache
  readonly logger: Logger
}

const KEPT_MS = 120_000 // longer than the minute that is counted, also where clocks differ

/** Counts of searches in the shared cache; while it is away each process counts for itself. */
export function createCachedSearchCounts({ cache, fallback, logger }: CachedSearchCountsOptions): SearchCounts {
  return {
    async count(userId, minute) {
      const key = `user-searches:${userId}:${minute}`
      try {
        return await cache.increment(key, KEPT_MS)
      } catch (error) {
        if (!(error instanceof CacheUnavailableError)) throw error
        logger.warn({ err: error }, 'searches are counted by this process alone for now')
        return fallback.increment(key, KEPT_MS)
      }
    },
  }
}
