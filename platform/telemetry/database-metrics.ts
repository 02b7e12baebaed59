import type pg from 'pg'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { measureCalls } from './measured-calls.js'
import { LATENCY_SECONDS } from './request-metrics.js'

export interface DatabaseMetrics {
  /** Watches a pool from now on: its connections, what waits for one, and every statement on them. */
  watch(pool: pg.Pool): void
}

const kinds = ['select', 'insert', 'update', 'delete', 'begin', 'commit', 'rollback'] as const
type Kind = (typeof kinds)[number] | 'other'

/** For several services of one process, told apart by the label `service`. Never a statement's text, which may hold data. */
export function createDatabaseMetrics(registry: Registry): (service: string) => DatabaseMetrics {
  const registers = [registry]
  const queries = new Histogram({
    name: 'db_query_duration_seconds',
    help: 'Statements, from being sent to their last row, by their first word.',
    labelNames: ['service', 'query_type'],
    buckets: LATENCY_SECONDS,
    registers,
  })
  const exhausted = new Counter({
    name: 'db_connection_pool_exhausted_total',
    help: 'Times that no connection was to be had: all were busy for too long, or the server did not answer.',
    labelNames: ['service'],
    registers,
  })
  const pools = new Map<string, pg.Pool>()
  const connections = new Gauge({
    name: 'db_pool_connections',
    help: 'Connections to the database, and calls that wait for one.',
    labelNames: ['service', 'state'],
    registers,
    collect() {
      for (const [service, pool] of pools) {
        this.set({ service, state: 'idle' }, pool.idleCount)
        this.set({ service, state: 'used' }, pool.totalCount - pool.idleCount)
        this.set({ service, state: 'waiting' }, pool.waitingCount)
      }
    },
  })
  return (service) => {
    exhausted.inc({ service }, 0)
    for (const query_type of [...kinds, 'other']) queries.zero({ service, query_type })
    for (const state of ['idle', 'used', 'waiting']) connections.set({ service, state }, 0)
    const watch = (pool: pg.Pool) => {
      pools.set(service, pool)
      pool.connect = measureCalls(pool.connect, {
        begin: () => (error) => void (error && exhausted.inc({ service })),
      })
      pool.on('connect', (client) => {
        client.query = measureCalls(client.query, {
          begin([statement]) {
            const ended = queries.startTimer({ service, query_type: kindOf(statement) })
            return () => void ended()
          },
        })
      })
    }
    return { watch }
  }
}

/** Of a statement's text, or of a configuration that carries it. */
function kindOf(statement: unknown): Kind {
  const text = typeof statement === 'object' && statement !== null && 'text' in statement ? statement.text : statement
  if (typeof text !== 'string') return 'other'
  const word = /^\s*([a-z]+)/i.exec(text)?.[1]?.toLowerCase()
  return kinds.find((kind) => kind === word) ?? 'other'
}
