import DataLoader from 'dataloader'
import { z } from 'zod'
import { CacheUnavailableError, type Cache } from '../../../platform/cache/cache.js'
import { readThrough } from '../../../platform/cache/read-through.js'
import type { Logger } from '../../../platform/log/logger.js'
import type { Profile, Profiles } from '../domain/profile.js'

export interface CachedProfilesOptions {
  readonly profiles: Profiles
  readonly cache: Cache
  readonly logger: Logger
}

export interface CachedProfiles extends Profiles {
  /** To be called after a change that was made past these methods. */
  forget(userId: string): Promise<void>
}

const TTL_MS = 15 * 60_000
/** Longer than any read under way when a profile changes: its answer is old and must not be kept. */
const BARRIER_MS = 20_000

const cachedProfile: z.ZodType<Profile | undefined> = z.object({
  userId: z.uuid(),
  displayName: z.string().nullable(),
  bio: z.string().nullable(),
  avatarUrl: z.string().nullable(),
  timezone: z.string(),
  locale: z.string(),
  updatedAt: z.iso.datetime().transform((text) => new Date(text)),
})

/**
 * Profiles kept in the shared cache for 15 minutes. A change puts a barrier in place of what is kept, and what was read is
 * kept only where there is nothing: so a read that began before the change can't put the old profile back after it. People
 * without a profile are not kept.
 */
export function createCachedProfiles({ profiles, cache, logger }: CachedProfilesOptions): CachedProfiles {
  const keptWhereNothingIs: Cache = {
    ...cache,
    async set(key, value, ttlMs) {
      await cache.setIfAbsent(key, value, ttlMs)
    },
  }
  const forget = async (userId: string): Promise<void> => {
    try {
      await cache.set(keyOf(userId), 'null', BARRIER_MS)
    } catch (error) {
      if (!(error instanceof CacheUnavailableError)) throw error
      logger.warn({ err: error, userId }, 'a changed profile may be shown as it was for up to 15 minutes')
    }
  }
  return {
    async findMany(userIds) {
      const missing = new DataLoader((ids: readonly string[]) => readAll(profiles, ids), { cache: false })
      const found = await Promise.all(
        userIds.map((id) =>
          readThrough(keptWhereNothingIs, keyOf(id), TTL_MS, cachedProfile, () => missing.load(id), logger),
        ),
      )
      return found.filter((profile) => profile !== undefined)
    },
    ensure: (userId) => profiles.ensure(userId),
    async change(userId, changes) {
      const changed = await profiles.change(userId, changes)
      await forget(userId)
      return changed
    },
    forget,
  }
}

function keyOf(userId: string): string {
  return `user-profile:${userId}`
}

async function readAll(profiles: Profiles, ids: readonly string[]): Promise<(Profile | undefined)[]> {
  const byId = new Map((await profiles.findMany(ids)).map((profile) => [profile.userId, profile]))
  return ids.map((id) => byId.get(id))
}
