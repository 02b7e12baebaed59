import pg from 'pg'
import { writeToOutbox } from '../../platform/bus/outbox.js'
import type { EventRow } from '../../platform/bus/event-row.js'

export interface OutboxSchema {
  readonly pool: pg.Pool
  readonly schema: string
  /** Commits events as a service's transaction would. */
  write(...rows: EventRow[]): Promise<void>
  close(): Promise<void>
}

/** A schema with nothing but the table that every service's migration makes from the model in platform/bus/README.md. */
export async function createOutboxSchema(connectionString: string): Promise<OutboxSchema> {
  const pool = new pg.Pool({ connectionString, max: 8 })
  pool.on('error', () => {}) // tests end connections on purpose
  const schema = `outbox_${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`
  await pool.query(`CREATE SCHEMA ${schema}`)
  await pool.query(`CREATE TABLE ${schema}.outbox_events (
    sequence BIGSERIAL PRIMARY KEY, id UUID NOT NULL UNIQUE, subject TEXT NOT NULL, envelope JSONB NOT NULL,
    created_at TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP)`)
  return {
    pool,
    schema,
    write: (...rows) => insert(pool, schema, rows),
    async close() {
      await pool.query(`DROP SCHEMA ${schema} CASCADE`)
      await pool.end()
    },
  }
}

/** The same rows on any connection, so that a test can leave a transaction open. */
export async function insert(
  client: Pick<pg.Pool, 'query'> | pg.PoolClient,
  schema: string,
  rows: EventRow[],
): Promise<void> {
  const outboxEvent = {
    async createMany({ data }: Parameters<Parameters<typeof writeToOutbox>[0]['outboxEvent']['createMany']>[0]) {
      await client.query(
        `INSERT INTO ${schema}.outbox_events (id, subject, envelope)
         SELECT id, subject, envelope FROM jsonb_to_recordset($1) AS event(id uuid, subject text, envelope jsonb)`,
        [JSON.stringify(data)],
      )
    },
  }
  await writeToOutbox({ outboxEvent }, ...rows)
}
