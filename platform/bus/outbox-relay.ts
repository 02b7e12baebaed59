import type { Pool, PoolClient } from 'pg'
import { z } from 'zod'
import type { Logger } from '../log/logger.js'
import type { Bus } from './bus.js'
import { eventEnvelope } from './event-envelope.js'
import { createSignal } from './signal.js'
import { deadLetterSubject, isSubject } from './subjects.js'

export interface OutboxRelayOptions {
  readonly pool: Pool
  /** The Postgres schema of the service; its migration has created `outbox_events` there (see README.md). */
  readonly schema: string
  readonly bus: Bus
  readonly logger: Logger
  /** How soon an event is found that nobody called `wake` for, e.g. one committed by a process that died. */
  readonly pollMs?: number
  /** Events published in one turn. */
  readonly batch?: number
}

export interface OutboxRelay {
  /** Call it after the commit: the event leaves at once instead of at the next poll. */
  wake(): void
  /** Events not published yet. */
  pending(): Promise<number>
  /** Finishes the turn under way, then stops. What is left stays in the table. */
  close(): Promise<void>
}

const row = z.object({ id: z.string(), sequence: z.coerce.bigint(), subject: z.string(), envelope: z.unknown() })
type OutboxRow = z.infer<typeof row>

type Turn = 'idle' | 'more' | 'elsewhere'

const ELSEWHERE_MS = 25 // the replica at work is usually done by then, and may have looked before our commit
const LONGEST_BACKOFF_MS = 2_000 // the most an event waits once the bus is back

/**
 * Moves events from a service's outbox table to the bus, in order of their sequence, one replica at a time. A row is deleted
 * only after the bus has stored its event; a crash between the two publishes it again under the same id. While the bus or
 * the database is away it waits, with a growing back-off, and loses nothing. Never throws after opening.
 */
export async function openOutboxRelay(options: OutboxRelayOptions): Promise<OutboxRelay> {
  const { pool, logger, pollMs = 500 } = options
  const table = tableOf(options.schema)
  const signal = createSignal()
  const closing = createSignal() // a back-off is not cut short by every commit
  let closed = false
  const onPoolError = (error: Error) => logger.warn({ err: error }, 'an idle database connection was lost')
  pool.on('error', onPoolError) // without a listener Node ends the process

  const run = async () => {
    let failures = 0
    while (!closed) {
      try {
        const turn = await relayTurn(options, table)
        if (failures > 0) logger.info({ schema: options.schema }, 'events leave the outbox again')
        failures = 0
        if (turn !== 'more' && !closed) await signal.wait(turn === 'elsewhere' ? ELSEWHERE_MS : pollMs)
      } catch (error) {
        if (failures === 0) logger.error({ err: error, schema: options.schema }, 'events stay in the outbox for now')
        failures += 1
        if (!closed) await closing.wait(Math.min(50 * 2 ** failures, LONGEST_BACKOFF_MS))
      }
    }
  }
  const ended = run()

  return {
    wake: signal.wake,
    async pending() {
      const { rows } = await pool.query(`SELECT count(*)::int AS count FROM ${table}`)
      return z.tuple([z.object({ count: z.int() })]).parse(rows)[0].count
    },
    async close() {
      closed = true
      signal.wake()
      closing.wake()
      await ended
      pool.off('error', onPoolError)
    },
  }
}

function tableOf(schema: string): string {
  if (!/^[a-z_][a-z0-9_]*$/.test(schema)) throw new TypeError(`'${schema}' is not the name of a service's schema.`)
  return `"${schema}".outbox_events`
}

async function relayTurn(options: OutboxRelayOptions, table: string): Promise<Turn> {
  // Most polls find nothing: they cost one statement and no lock.
  const { rowCount } = await options.pool.query(`SELECT 1 FROM ${table} LIMIT 1`)
  if (rowCount === 0) return 'idle'
  await options.bus.check() // a bus that is away should not hold a transaction open
  const client = await options.pool.connect()
  const onLost = () => {} // the next statement rejects and tells; an event without a listener would end the process
  client.on('error', onLost)
  let broken = true
  try {
    await client.query('BEGIN')
    const { turn, failure } = await publishBatch(client, options, table)
    await client.query('COMMIT')
    broken = false
    if (failure !== undefined) throw failure.error
    return turn
  } finally {
    client.off('error', onLost)
    client.release(broken) // a connection in an unknown state is thrown away, its transaction with it
  }
}

interface BatchResult {
  readonly turn: Turn
  /** What stopped the batch; what was published before it is still to be deleted. */
  readonly failure?: { readonly error: unknown }
}

async function publishBatch(client: PoolClient, options: OutboxRelayOptions, table: string): Promise<BatchResult> {
  const { batch = 100 } = options
  const lock = await client.query('SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS taken', [table])
  if (z.array(z.object({ taken: z.boolean() })).parse(lock.rows)[0]?.taken !== true) return { turn: 'elsewhere' }
  const found = await client.query(`SELECT id, sequence, subject, envelope FROM ${table} ORDER BY sequence LIMIT $1`, [
    batch,
  ])
  const published: string[] = []
  const rows = z.array(row).parse(found.rows)
  let failure: BatchResult['failure']
  for (const event of rows) {
    try {
      await publish(options, event) // one after the other: a batch in flight could be stored out of order
      published.push(event.sequence.toString())
    } catch (error) {
      failure = { error }
      break
    }
  }
  // Deleted one by one, not up to a position: a smaller sequence may be committed after a larger one.
  if (published.length > 0) await client.query(`DELETE FROM ${table} WHERE sequence = ANY($1::bigint[])`, [published])
  return { turn: rows.length === batch ? 'more' : 'idle', ...(failure && { failure }) }
}

async function publish(
  { bus, logger, schema }: OutboxRelayOptions,
  { id, subject, envelope }: OutboxRow,
): Promise<void> {
  const parsed = eventEnvelope.safeParse(envelope)
  if (parsed.success && isSubject(subject)) return bus.publish(subject, parsed.data)
  // Only somebody's hand in the table can do this; it must neither stop all that follow nor be lost.
  logger.error({ eventId: id, subject }, 'an unreadable row of the outbox was put among the dead letters')
  await bus.publish(deadLetterSubject(`${schema}-outbox`, 'unreadable'), {
    id,
    type: 'outbox.unreadable',
    version: 1,
    occurredAt: new Date().toISOString(),
    traceId: '0'.repeat(32),
    data: { subject, envelope },
  })
}
