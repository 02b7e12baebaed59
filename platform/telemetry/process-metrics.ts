/**
 * What the services of a process count. In: a registry. Out: for each service what it counts into, told apart by the label
 * `service`, and the shared engines measured. Nothing here is asked for where no address for numbers is configured: then
 * nothing is measured, at no cost.
 */
import type { Registry } from 'prom-client'
import type { Bus } from '../bus/bus.js'
import type { Cache } from '../cache/cache.js'
import { measureBus } from './bus-metrics.js'
import { measureCache } from './cache-metrics.js'
import { createDatabaseMetrics, type DatabaseMetrics } from './database-metrics.js'
import { createOutboxMetrics } from './outbox-metrics.js'
import { createRequestMetrics, type RequestMetrics } from './request-metrics.js'

export interface ProcessMetrics {
  readonly requests: (service: string) => RequestMetrics
  /** Statements, connections and the service's outbox. */
  readonly database: (service: string) => DatabaseMetrics
  measureCache(cache: Cache): Cache
  measureBus(bus: Bus): Bus
}

export function createProcessMetrics(registry: Registry): ProcessMetrics {
  const databases = createDatabaseMetrics(registry)
  const outboxes = createOutboxMetrics(registry)
  return {
    requests: createRequestMetrics(registry),
    database(service) {
      const parts = [databases(service), outboxes(service)]
      return { watch: (pool) => parts.forEach((part) => part.watch(pool)) }
    },
    measureCache: (cache) => measureCache(cache, registry),
    measureBus: (bus) => measureBus(bus, registry),
  }
}
