/**
 * Counts of failed sign-ins in the shared cache. In: addresses. Out: whether one more try is allowed. It refuses after five
 * tries within 15 minutes, for 15 minutes, and twice as long at each further lock, up to a day: 35 tries in the first day and a
 * half, then five a day. Locks are counted for 30 days, sign-ins that succeed between them or not: about 180 tries a month,
 * with which one of the three codes of six digits that are good at a time is found once in 1,800 months. While the shared cache is away each process counts for itself: a guesser then has
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
  /** How many tries; 5 unless given. */
  readonly tries?: number
  /** Whether every lock is as long as the first, as for what can't be guessed and only floods. */
  readonly staysShort?: boolean
}

const TRIES = 5 // identity providers allow 5 to 10; NIST SP 800-63B-4 section 3.2.2 allows at most 100
const LOCK_MS = 15 * 60_000
const DAY_MS = 86_400_000
const LONGEST_LOCK_MS = DAY_MS
const LOCKS_COUNT_MS = 30 * DAY_MS

export function createCachedLoginAttempts({
  cache,
  fallback,
  logger,
  tries = TRIES,
  staysShort = false,
}: CachedLoginAttemptsOptions): LoginAttempts {
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
    claim: (signInKey) => onSharedOrOwn((counts) => claim(counts, keysOf(signInKey), { tries, staysShort })),
    async clear(signInKey) {
      await clear(fallback, keysOf(signInKey))
      await onSharedOrOwn((counts) => clear(counts, keysOf(signInKey)))
    },
  }
}

interface Keys {
  readonly count: string
  readonly lock: string
  /** How many locks there were lately. */
  readonly locks: string
}

/** By a digest: keys of a cache are seen by whoever operates it. */
function keysOf(signInKey: string): Keys {
  const digest = createHash('sha256').update(signInKey).digest('base64url')
  return { count: `login-tries:${digest}`, lock: `login-lock:${digest}`, locks: `login-locks:${digest}` }
}

async function claim(
  counts: Cache,
  { count, lock, locks }: Keys,
  { tries: most, staysShort }: { readonly tries: number; readonly staysShort: boolean },
): Promise<boolean> {
  if ((await counts.get(lock)) !== null) {
    await counts.get(count) // as many steps as without a lock
    return false
  }
  const tries = await counts.increment(count, LOCK_MS)
  // the lock begins with the last try that is allowed, and later ones don't prolong it; when that one succeeds it is cleared
  if (tries === most) {
    await counts.set(lock, 'locked', LOCK_MS) // at once: a process that dies between the two leaves a short one
    const earlier = staysShort ? 0 : (await counts.increment(locks, LOCKS_COUNT_MS)) - 1
    if (earlier > 0) await counts.set(lock, 'locked', Math.min(LOCK_MS * 2 ** earlier, LONGEST_LOCK_MS))
  }
  return tries <= most
}

/** The locks stay counted: an owner who signs in now and then is not to give a guesser a month anew. */
async function clear(counts: Cache, { count, lock }: Keys): Promise<void> {
  await counts.delete(count)
  await counts.delete(lock)
}
