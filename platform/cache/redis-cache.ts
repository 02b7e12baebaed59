import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { StartupError } from '../errors/startup-error.js'
import type { Logger } from '../log/logger.js'
import { CacheUnavailableError, type Cache } from './cache.js'
import { wholeTtl } from './in-process-cache.js'

export interface RedisCacheOptions {
  /** `redis://[user:password@]host[:port][/database]` or `rediss://`. */
  readonly url: string
  readonly logger: Logger
  /** How long a start waits for the server. */
  readonly connectWaitMs?: number
  /** Stands before every key, so that several systems, or tests, share one server. */
  readonly keyPrefix?: string
}

const CONNECT_WAIT_MS = 30_000 // orchestrators start everything at once
const COMMAND_MS = 500 // a cache that is slower than the database it spares is no cache
const LONGEST_RETRY_MS = 1_000 // the most a recovery goes unnoticed

/** INCR and the expiry of a new key in one step: a process that dies between two steps would leave a counter for ever. */
const INCREMENT = `
local sum = redis.call('INCR', KEYS[1])
if sum == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return sum`

/**
 * The cache in Redis, shared by all replicas. While Redis is away every call throws CacheUnavailableError at once, and works
 * again when it is back. Throws StartupError when it is not there at the start.
 */
export async function connectRedisCache(options: RedisCacheOptions): Promise<Cache> {
  const { url, logger, keyPrefix = '' } = options
  const redis = new Redis(url, {
    keyPrefix,
    lazyConnect: true,
    enableOfflineQueue: false, // with it a call waits for the server instead of failing
    maxRetriesPerRequest: 0, // and a call under way fails when the connection does
    commandTimeout: COMMAND_MS,
    connectTimeout: 2_000,
    disconnectTimeout: 100, // a goodbye to a server that is away must not keep the process
    retryStrategy: (tries) => Math.min(50 * 2 ** Math.min(tries, 10), LONGEST_RETRY_MS),
  })
  logOutages(redis, logger)
  await firstConnection(redis, options)
  const run = async <T>(command: () => Promise<T>): Promise<T> => {
    if (redis.status !== 'ready') throw new CacheUnavailableError()
    try {
      return await command()
    } catch (error) {
      throw new CacheUnavailableError({ cause: error })
    }
  }
  return {
    engine: 'redis',
    get: (key) => run(() => redis.get(key)),
    async set(key, value, ttlMs) {
      const ttl = wholeTtl(ttlMs)
      await run(() => redis.set(key, value, 'PX', ttl))
    },
    async setIfAbsent(key, value, ttlMs) {
      const ttl = wholeTtl(ttlMs)
      return (await run(() => redis.set(key, value, 'PX', ttl, 'NX'))) === 'OK'
    },
    async delete(key) {
      await run(() => redis.del(key))
    },
    async increment(key, ttlMs) {
      const ttl = wholeTtl(ttlMs)
      return Number(await run(() => redis.eval(INCREMENT, 1, key, ttl)))
    },
    async check() {
      await run(() => redis.ping())
    },
    async close() {
      redis.disconnect()
    },
  }
}

async function firstConnection(redis: Redis, { connectWaitMs = CONNECT_WAIT_MS }: RedisCacheOptions): Promise<void> {
  const deadline = performance.now() + connectWaitMs
  let last: unknown
  redis.on('error', (error) => (last = error))
  redis.connect().catch((error: unknown) => (last = error)) // it goes on trying by itself
  while (redis.status !== 'ready') {
    const refused = last instanceof Error && /NOAUTH|WRONGPASS|invalid password/i.test(last.message)
    if (refused || performance.now() > deadline) {
      redis.disconnect()
      if (refused) throw new StartupError('Redis refused the credentials: correct REDIS_URL.', { cause: last })
      const seconds = Math.round(connectWaitMs / 1_000)
      throw new StartupError(`Redis did not answer for ${seconds} s: start it, or correct REDIS_URL.`, { cause: last })
    }
    await delay(20)
  }
}

/** One line an outage: ioredis reports every try. */
function logOutages(redis: Redis, logger: Logger): void {
  let away = false
  redis.on('error', (error) => logger.debug({ err: error }, 'the cache reports an error')) // without a listener it prints
  redis.on('close', () => {
    if (!away) logger.warn('the cache is away')
    away = true
  })
  redis.on('ready', () => {
    if (away) logger.info('the cache is back')
    away = false
  })
}
