import { Counter, Histogram, type Registry } from 'prom-client'
import type { Cache } from '../cache/cache.js'

/** Seconds; a cache on the same network answers below a millisecond. */
const CACHE_SECONDS = [0.0001, 0.0005, 0.001, 0.005, 0.01]

const operations = ['get', 'set', 'setIfAbsent', 'delete', 'increment'] as const

/** The same cache, measured: how long each operation takes, and how often what was looked for was there. */
export function measureCache(cache: Cache, registry: Registry): Cache {
  const registers = [registry]
  const durations = new Histogram({
    name: 'redis_operation_duration_seconds',
    help: 'Operations on the shared cache, whichever engine it has.',
    labelNames: ['operation'],
    buckets: CACHE_SECONDS,
    registers,
  })
  const lookUps = new Counter({
    name: 'cache_lookups_total',
    help: 'Look-ups in the shared cache, by what they found.',
    labelNames: ['outcome'],
    registers,
  })
  for (const operation of operations) durations.zero({ operation })
  for (const outcome of ['hit', 'miss', 'failed']) lookUps.inc({ outcome }, 0)
  const timed = async <T>(operation: (typeof operations)[number], work: Promise<T>): Promise<T> => {
    const ended = durations.startTimer({ operation })
    return work.finally(ended)
  }
  return {
    engine: cache.engine,
    async get(key) {
      const found = await timed('get', cache.get(key)).catch((error: unknown) => {
        lookUps.inc({ outcome: 'failed' })
        throw error
      })
      lookUps.inc({ outcome: found === null ? 'miss' : 'hit' })
      return found
    },
    set: (key, value, ttlMs) => timed('set', cache.set(key, value, ttlMs)),
    setIfAbsent: (key, value, ttlMs) => timed('setIfAbsent', cache.setIfAbsent(key, value, ttlMs)),
    delete: (key) => timed('delete', cache.delete(key)),
    increment: (key, ttlMs) => timed('increment', cache.increment(key, ttlMs)),
    check: () => cache.check(),
    close: () => cache.close(),
  }
}
