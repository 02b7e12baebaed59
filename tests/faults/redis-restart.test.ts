import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { setTimeout as delay } from 'node:timers/promises'
import { CacheUnavailableError, type Cache } from '../../platform/cache/cache.js'
import { connectRedisCache } from '../../platform/cache/redis-cache.js'
import { createLogger } from '../../platform/log/logger.js'
import { describeWithEngine } from '../support/engines.js'
import { startRedis, type PrivateServer } from '../support/private-servers.js'

const logger = createLogger({ service: 'test', level: 'silent' })

await describeWithEngine('redis-server', 'the Redis cache when its server dies', () => {
  let server: PrivateServer
  let cache: Cache
  beforeEach(async () => {
    server = await startRedis()
    cache = await connectRedisCache({ url: server.url, logger })
  })
  afterEach(async () => {
    await cache.close()
    await server.close()
  })

  const isWell = () =>
    cache.check().then(
      () => true,
      () => false,
    )

  it('fails every call while it is away, without waiting for it, and works again when it is back', async () => {
    await cache.set('k', 'v', 60_000)
    await server.kill()
    while (await isWell()) await delay(5)
    const calls = Array.from({ length: 50 }, () => [
      cache.get('k'),
      cache.set('k', 'v', 1_000),
      cache.increment('n', 1_000),
    ])
    const results = await Promise.allSettled(calls.flat())
    for (const result of results) expect(result).toMatchObject({ reason: expect.any(CacheUnavailableError) })
    await delay(3_000)
    await server.restart()
    while (!(await isWell())) await delay(20)
    await cache.set('k', 'again', 60_000)
    expect(await cache.get('k')).toBe('again')
    expect(await cache.increment('n', 60_000)).toBe(1)
  })

  it('does not leave calls under way hanging', async () => {
    const settled = Promise.allSettled(Array.from({ length: 200 }, () => cache.increment('n', 60_000)))
    await server.kill()
    const results = await settled
    const failures = results.filter(({ status }) => status === 'rejected')
    for (const failure of failures) expect(failure).toMatchObject({ reason: expect.any(CacheUnavailableError) })
  })
})
