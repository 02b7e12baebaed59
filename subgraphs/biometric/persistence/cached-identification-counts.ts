import { CacheUnavailableError, type Cache } from '../../../platform/cache/cache.js'
import type { Logger } from '../../../platform/log/logger.js'
import type { IdentificationCounts } from '../domain/galleries/identification-allowance.js'

export interface CachedIdentificationCountsOptions {
  readonly cache: Cache
  /** Counts while `cache` is away; of this process alone. */
  readonly fallback: Cache
  readonly logger: Logger
}

const KEPT_MS = 120_000 // longer than the minute that is counted, also where clocks differ

/** Counts of searches in the shared cache; while it is away each process counts for itself. */
export function createCachedIdentificationCounts({
  cache,
  fallback,
  logger,
}: CachedIdentificationCountsOptions): IdentificationCounts {
  return {
    async count(callerId, minute) {
      const key = `biometric-identifications:${callerId}:${minute}`
      try {
        return await cache.increment(key, KEPT_MS)
      } catch (error) {
        if (!(error instanceof CacheUnavailableError)) throw error
        logger.warn({ err: error }, 'identifications are counted by this process alone for now')
        return fallback.increment(key, KEPT_MS)
      }
    },
  }
}
