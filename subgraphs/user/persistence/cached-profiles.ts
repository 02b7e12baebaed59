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

/** As long as an old profile, and to whom it was shown, can stay where the cache was away when it changed. */
const TTL_MS = 60_000
/** Longer than any read under way when a profile changes: its answer is old and must not be kept. */
const BARRIER_MS = 20_000

const audience = z.enum(['EVERYONE', 'CONTACTS', 'NOBODY'])
const instant = z.iso.datetime().transform((text) => new Date(text))

const cachedProfile: z.ZodType<Profile | undefined> = z.object({
  userId: z.uuid(),
  displayName: z.string().nullable(),
  bio: z.string().nullable(),
  avatarUrl: z.string().nullable(),
  status: z.enum(['ONLINE', 'AWAY', 'BUSY', 'OFFLINE']).nullable(),
  phone: z.string().nullable(),
  dateOfBirth: z.iso.date().nullable(),
  timezone: z.string(),
  locale: z.string(),
  privacy: z.object({
    showsProfile: audience,
    showsStatus: audience,
    showsPhone: audience,
    showsAge: audience,
    searchable: z.boolean(),
  }),
  version: z.int(),
  updatedAt: instant,
  deletedAt: instant.nullable(),
  deletedBy: z.enum(['SELF', 'ADMINISTRATOR']).nullable(),
})

/**
 * Profiles kept in the shared cache for a minute. A change puts a barrier in place of what is kept, and what was read is
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
      logger.warn({ err: error, userId }, 'a changed profile may be shown as it was for up to a minute')
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
    async change(userId, changes, version) {
      const changed = await profiles.change(userId, changes, version)
      await forget(userId)
      return changed
    },
    async setDeletion(userId, decide) {
      const changed = await profiles.setDeletion(userId, decide)
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
