import type pg from 'pg'
import { Gauge, type Registry } from 'prom-client'
import { z } from 'zod'
import type { DatabaseMetrics } from './database-metrics.js'

const answer = z.tuple([z.object({ value: z.number() })])

/** What waits to leave a service's outbox for the bus, counted when asked; NaN while its database does not answer. */
export function createOutboxMetrics(registry: Registry): (service: string) => DatabaseMetrics {
  const pools = new Map<string, pg.Pool>()
  const gauge = (name: string, help: string, expression: string) =>
    new Gauge({
      name,
      help,
      labelNames: ['service'],
      registers: [registry],
      async collect() {
        const counting = [...pools].map(async ([service, pool]) => {
          this.set(
            { service },
            await ask(pool, `SELECT (${expression})::float8 AS value FROM "${service}".outbox_events`),
          )
        })
        await Promise.all(counting)
      },
    })
  const gauges = [
    gauge('outbox_pending_events', 'Events that have not left the outbox for the bus.', 'count(*)'),
    gauge(
      'outbox_oldest_seconds',
      'How long the oldest event of the outbox has waited; 0 when none waits.',
      'coalesce(extract(epoch FROM now() - min(created_at)), 0)',
    ),
  ]
  return (service) => {
    for (const each of gauges) each.set({ service }, 0)
    return { watch: (pool) => void pools.set(service, pool) }
  }
}

/** No number rather than no numbers at all: a scrape must not fail with one database. */
function ask(pool: pg.Pool, text: string): Promise<number> {
  return pool.query(text).then(
    ({ rows }) => answer.parse(rows)[0].value,
    () => NaN,
  )
}
