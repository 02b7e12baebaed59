import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { CacheUnavailableError, type Cache } from './cache.js'

const MINUTE_MS = 60_000

/** The promises of the cache port, checked through it alone. */
export function describeCacheContract(name: string, open: () => Promise<Cache>): void {
  describe(`${name} as a cache`, () => {
    let cache: Cache
    const newKey = () => `test:${crypto.randomUUID()}`
    const goneAfterwards = async (key: string) => {
      while ((await cache.get(key)) !== null) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    beforeAll(async () => {
      cache = await open()
    })
    afterAll(() => cache.close())

    it('gives back what was stored, and null for what was not', async () => {
      const key = newKey()
      expect(await cache.get(key)).toBeNull()
      await cache.set(key, 'Grüße\n世界', MINUTE_MS)
      expect(await cache.get(key)).toBe('Grüße\n世界')
      await cache.set(key, '', MINUTE_MS)
      expect(await cache.get(key)).toBe('')
      await cache.delete(key)
      expect(await cache.get(key)).toBeNull()
      await cache.delete(key)
    })

    it('forgets when the time is up, counted from the last set', async () => {
      const [short, renewed] = [newKey(), newKey()]
      await cache.set(renewed, 'first', 20)
      await cache.set(renewed, 'second', MINUTE_MS)
      await cache.set(short, 'x', 20)
      await goneAfterwards(short)
      expect(await cache.get(renewed)).toBe('second')
    })

    it('stores for one of many that try at once', async () => {
      const key = newKey()
      const tries = Array.from({ length: 20 }, (_, index) => cache.setIfAbsent(key, String(index), MINUTE_MS))
      const stored = await Promise.all(tries)
      expect(stored.filter(Boolean)).toHaveLength(1)
      expect(await cache.get(key)).toBe(String(stored.indexOf(true)))
    })

    it('stores again once the time is up', async () => {
      const key = newKey()
      await cache.setIfAbsent(key, 'first', 20)
      await goneAfterwards(key)
      expect(await cache.setIfAbsent(key, 'second', MINUTE_MS)).toBe(true)
    })

    it('counts every one of many increments at once', async () => {
      const key = newKey()
      const sums = await Promise.all(Array.from({ length: 50 }, () => cache.increment(key, MINUTE_MS)))
      expect(sums.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
      expect(await cache.get(key)).toBe('50')
    })

    it('does not extend the time of a counter that goes on counting', async () => {
      const key = newKey()
      await cache.increment(key, 60)
      let highest = 1
      for (let sum = 2; sum > 1; highest = Math.max(highest, sum)) {
        sum = await cache.increment(key, MINUTE_MS)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      expect(highest).toBeGreaterThan(1)
    })

    it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a time to live of %s', async (ttlMs) => {
      const key = newKey()
      await expect(cache.set(key, 'x', ttlMs)).rejects.toThrow(RangeError)
      await expect(cache.setIfAbsent(key, 'x', ttlMs)).rejects.toThrow(RangeError)
      await expect(cache.increment(key, ttlMs)).rejects.toThrow(RangeError)
      expect(await cache.get(key)).toBeNull()
    })

    it('says that it is well, and after its close that it is not there', async () => {
      await expect(cache.check()).resolves.toBeUndefined()
      const closed = await open()
      await closed.close()
      await expect(closed.check()).rejects.toThrow(CacheUnavailableError)
      await expect(closed.get('test:x')).rejects.toThrow(CacheUnavailableError)
      await expect(closed.increment('test:x', MINUTE_MS)).rejects.toThrow(CacheUnavailableError)
    })
  })
}
