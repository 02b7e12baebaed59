/**
 * Counts of failed sign-ins in the shared cache. In: addresses. Out: whether one more try is allowed. It refuses after five
 * tries within 15 minutes, for 15 minutes. While the shared cache is away each process counts for itself: a guesser then has
 * five tries a process, which is still few, and nobody is locked out by an engine that is down.
 */
import { createHash } from 'node:crypto'
import { CacheUnavailableError, type Cache } from '../../../platform/cache/cache.js'
import type { Logger } from '../../../platform/log/logger.js'
import type { LoginAttempts } from '../domain/login-attempts.js'

export interface CachedLoginAttemptsOptions {
  readonly cache: Cache
  /** Counts while `cache` is away; of this process alone. */
  readonly fallback: Cache
  readonly logger: Logger
}

const TRIES = 5 // identity providers allow 5 to 10; NIST SP 800-63B-4 section 3.2.2 allows at most 100
const LOCK_MS = 15 * 60_000

export function createCachedLoginAttempts({ cache, fallback, logger }: CachedLoginAttemptsOptions): LoginAttempts {
  const onSharedOrOwn = async <T>(work: (counts: Cache) => Promise<T>): Promise<T> => {
    try {
      return await work(cache)
    } catch (error) {
      if (!(error instanceof CacheUnavailableError)) throw error
      logger.warn({ err: error }, 'failed sign-ins are counted by this process alone for now')
      return work(fallback)
    }
  }
  return {
    claim: (emailKey) => onSharedOrOwn((counts) => claim(counts, keysOf(emailKey))),
    async clear(emailKey) {
      await clear(fallback, keysOf(emailKey))
      await onSharedOrOwn((counts) => clear(counts, keysOf(emailKey)))
    },
  }
}

interface Keys {
  readonly count: string
  readonly lock: string
}

/** By a digest: keys of a cache are seen by whoever operates it. */
function keysOf(emailKey: string): Keys {
  const digest = createHash('sha256').update(emailKey).digest('base64url')
  return { count: `login-tries:${digest}`, lock: `login-lock:${digest}` }
}

async function claim(counts: Cache, { count, lock }: Keys): Promise<boolean> {
  if ((await counts.get(lock)) !== null) return false
  const tries = await counts.increment(count, LOCK_MS)
  // the lock begins with the last try that is allowed, and later ones don't prolong it; when that one succeeds it is cleared
  if (tries === TRIES) await counts.set(lock, 'locked', LOCK_MS)
  return tries <= TRIES
}

async function clear(counts: Cache, { count, lock }: Keys): Promise<void> {
  await counts.delete(count)
  await counts.delete(lock)
}
