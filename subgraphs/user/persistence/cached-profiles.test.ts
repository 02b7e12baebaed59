import { describe, expect, it } from '@jest/globals'
import { CacheUnavailableError, type Cache } from '../../../platform/cache/cache.js'
import { createInProcessCache } from '../../../platform/cache/in-process-cache.js'
import { createLogger } from '../../../platform/log/logger.js'
import { initialPrivacy } from '../domain/privacy.js'
import type { Deletion, Profile, ProfileChanges, Profiles } from '../domain/profile.js'
import { createCachedProfiles } from './cached-profiles.js'

const logger = createLogger({ service: 'tests', level: 'silent' })
const ada = '8f14e45f-ceea-4e7b-8f0d-1f2a3b4c5d6e'
const bob = 'c9f0f895-fb98-4b91-9d0c-2a3b4c5d6e7f'

/** A store in memory that tells what it was asked; `beforeAnswer` runs between its reading and its answering. */
function createStore() {
  const rows = new Map<string, Profile>()
  const asked: (readonly string[])[] = []
  const store = {
    asked,
    beforeAnswer: async () => {},
    put(userId: string, displayName: string): Profile {
      const profile = {
        userId,
        displayName,
        bio: null,
        avatarUrl: null,
        status: null,
        phone: null,
        dateOfBirth: '1990-06-15',
        timezone: 'UTC',
        locale: 'en',
        privacy: initialPrivacy,
        version: 1,
        updatedAt: new Date(5),
        deletedAt: null,
        deletedBy: null,
      }
      rows.set(userId, profile)
      return profile
    },
    async findMany(userIds: readonly string[]): Promise<readonly Profile[]> {
      asked.push(userIds)
      const found = userIds.flatMap((id) => rows.get(id) ?? [])
      await store.beforeAnswer()
      return found
    },
    async ensure(userId: string): Promise<Profile> {
      return rows.get(userId) ?? store.put(userId, '')
    },
    async change(userId: string, { displayName = null }: ProfileChanges): Promise<Profile> {
      return store.put(userId, displayName ?? '')
    },
    async setDeletion(userId: string, decide: (profile: Profile) => Deletion | null): Promise<Profile | null> {
      const profile = rows.get(userId)
      if (profile === undefined) return null
      const deletion = decide(profile)
      const changed = { ...profile, deletedAt: deletion?.at ?? null, deletedBy: deletion?.by ?? null }
      rows.set(userId, changed)
      return changed
    },
  } satisfies Profiles & Record<string, unknown>
  return store
}

describe('cached profiles', () => {
  it('are read once, all of a batch in one read, and come back as they were', async () => {
    const store = createStore()
    const expected = [store.put(ada, 'Ada'), store.put(bob, 'Bob')]
    const profiles = createCachedProfiles({ profiles: store, cache: createInProcessCache(), logger })

    expect(await profiles.findMany([ada, bob])).toEqual(expected)
    expect(await profiles.findMany([bob, ada])).toEqual([...expected].reverse())
    expect(store.asked).toEqual([[ada, bob]])
  })

  it('show a change at once', async () => {
    const store = createStore()
    store.put(ada, 'Ada')
    const profiles = createCachedProfiles({ profiles: store, cache: createInProcessCache(), logger })
    await profiles.findMany([ada])

    await profiles.change(ada, { displayName: 'Ada L.' })

    expect(await profiles.findMany([ada])).toMatchObject([{ displayName: 'Ada L.' }])
  })

  it('are not put back as they were by a read that the change overtook', async () => {
    const store = createStore()
    store.put(ada, 'Ada')
    const profiles = createCachedProfiles({ profiles: store, cache: createInProcessCache(), logger })
    store.beforeAnswer = async () => {
      store.beforeAnswer = async () => {}
      await profiles.change(ada, { displayName: 'Ada L.' })
    }

    await profiles.findMany([ada])

    expect(await profiles.findMany([ada])).toMatchObject([{ displayName: 'Ada L.' }])
  })

  it('of people who are not there yet are found as soon as they are', async () => {
    const store = createStore()
    const profiles = createCachedProfiles({ profiles: store, cache: createInProcessCache(), logger })

    expect(await profiles.findMany([ada])).toEqual([])
    store.put(ada, 'Ada')
    expect(await profiles.findMany([ada])).toMatchObject([{ displayName: 'Ada' }])
  })

  it('are kept for a minute at most, so that an old one is shown no longer where the cache was away as it changed', async () => {
    const kept: number[] = []
    const cache = createInProcessCache()
    const watched: Cache = {
      ...cache,
      async setIfAbsent(key, value, ttlMs) {
        kept.push(ttlMs)
        return cache.setIfAbsent(key, value, ttlMs)
      },
    }
    const store = createStore()
    store.put(ada, 'Ada')

    await createCachedProfiles({ profiles: store, cache: watched, logger }).findMany([ada])

    expect(kept).toHaveLength(1)
    expect(kept[0]).toBeLessThanOrEqual(60_000)
  })

  it('are read and changed while the cache is away', async () => {
    const away = () => Promise.reject(new CacheUnavailableError())
    const cache: Cache = { ...createInProcessCache(), get: away, set: away, setIfAbsent: away, delete: away }
    const store = createStore()
    const profiles = createCachedProfiles({ profiles: store, cache, logger })

    await profiles.change(ada, { displayName: 'Ada' })

    expect(await profiles.findMany([ada])).toMatchObject([{ displayName: 'Ada' }])
  })
})
