import { LRUCache } from 'lru-cache'
import { CacheUnavailableError, type Cache } from './cache.js'

export interface InProcessCacheOptions {
  /** Keys kept; the least used one goes first. */
  readonly maxEntries?: number
}

const MAX_ENTRIES = 50_000 // some tens of megabytes of usual values

/** The cache of a single process. A counter that is pushed out by too many keys starts anew. */
export function createInProcessCache({ maxEntries = MAX_ENTRIES }: InProcessCacheOptions = {}): Cache {
  // ttlResolution 0: a key is gone when its time is up, not up to a millisecond later.
  const entries = new LRUCache<string, string>({ max: maxEntries, ttlResolution: 0 })
  let closed = false
  const refuseWhenClosed = () => {
    if (closed) throw new CacheUnavailableError()
  }
  return {
    engine: 'in-process',
    async get(key) {
      refuseWhenClosed()
      return entries.get(key) ?? null
    },
    async set(key, value, ttlMs) {
      refuseWhenClosed()
      entries.set(key, value, { ttl: wholeTtl(ttlMs) })
    },
    async setIfAbsent(key, value, ttlMs) {
      refuseWhenClosed()
      if (entries.has(key)) return false
      entries.set(key, value, { ttl: wholeTtl(ttlMs) })
      return true
    },
    async delete(key) {
      refuseWhenClosed()
      entries.delete(key)
    },
    async increment(key, ttlMs) {
      refuseWhenClosed()
      const counted = entries.get(key)
      const left = counted === undefined ? wholeTtl(ttlMs) : entries.getRemainingTTL(key)
      const sum = Number(counted ?? 0) + 1
      entries.set(key, String(sum), { ttl: Math.max(1, left) })
      return sum
    },
    async check() {
      refuseWhenClosed()
    },
    async close() {
      closed = true
      entries.clear()
    },
  }
}

/** Milliseconds as both engines take them. Throws RangeError for what would mean "for ever" to one and "never" to the other. */
export function wholeTtl(ttlMs: number): number {
  if (!Number.isFinite(ttlMs) || ttlMs <= 0)
    throw new RangeError('A time to live must be a positive number of milliseconds.')
  return Math.ceil(ttlMs)
}
