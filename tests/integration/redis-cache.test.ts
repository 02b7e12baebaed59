import { expect, it } from '@jest/globals'
import { connectRedisCache } from '../../platform/cache/redis-cache.js'
import { describeCacheContract } from '../../platform/cache/cache-contract.js'
import { StartupError } from '../../platform/errors/startup-error.js'
import { createLogger } from '../../platform/log/logger.js'
import { describeWithEngine } from '../support/engines.js'

const logger = createLogger({ service: 'test', level: 'silent' })

await describeWithEngine('redis', 'the Redis cache', (url) => {
  const keyPrefix = `test-${crypto.randomUUID().slice(0, 8)}:`

  describeCacheContract('the Redis cache', () => connectRedisCache({ url: url(), logger, keyPrefix }))

  it('shares keys and counters among its connections', async () => {
    const connections = await Promise.all([1, 2].map(() => connectRedisCache({ url: url(), logger, keyPrefix })))
    const sums = await Promise.all(connections.map((cache) => cache.increment('shared', 1_000)))
    expect(sums.toSorted()).toEqual([1, 2])
    await Promise.all(connections.map((cache) => cache.close()))
  })

  it('tells an operator what to do when there is no server, without an address', async () => {
    const start = connectRedisCache({ url: 'redis://127.0.0.1:1', logger, connectWaitMs: 200 })
    await expect(start).rejects.toThrow(StartupError)
    await expect(start).rejects.toThrow(/^Redis did not answer for \d+ s: start it, or correct REDIS_URL\.$/)
  })
})
