/**
 * One service's database. In: a server's address and the name of the service's Postgres schema. Out: a pool whose
 * sessions see that schema in UTC, with every migration applied. It refuses to start on a server it can't use, in words
 * an operator can act on, and it never falls over when the server goes away later: queries fail until it is back.
 */
import { once } from 'node:events'
import path from 'node:path'
import pg from 'pg'
import type { Logger } from '../log/logger.js'
import { projectRoot } from '../service/project-root.js'
import { applyMigrations } from './apply-migrations.js'
import { quoteIdentifier, urlWithSettings } from './connection-url.js'
import { waitForServer } from './wait-for-server.js'

export interface Database {
  readonly pool: pg.Pool
  readonly schema: string
  /** Resolves when the server answers a query; rejects otherwise, within 1 s of getting a connection. */
  check(): Promise<void>
  /** Waits for queries under way, then closes every connection. */
  close(): Promise<void>
}

export interface OpenDatabaseOptions {
  readonly url: string
  /** The Postgres schema, named after the service. */
  readonly schema: string
  readonly logger: Logger
  readonly maxConnections?: number
  /** `prisma/<schema>/migrations` of the project unless given. */
  readonly migrationsFolder?: string
  /** How long to wait for a server that does not answer yet. */
  readonly waitMs?: number
}

/** Throws StartupError when the server can't be used or a migration fails. */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const { schema, logger } = options
  await waitForServer(options.url, options.waitMs ?? 30_000)
  await applyMigrations({
    url: options.url,
    schema,
    logger,
    folder: options.migrationsFolder ?? path.join(projectRoot, 'prisma', schema, 'migrations'),
  })
  const { pool, end } = createPool(options)
  return {
    pool,
    schema,
    async check() {
      await pool.query(CHECK)
    },
    close: end,
  }
}

const CHECK = { text: 'SELECT 1', query_timeout: 1_000 }

function createPool({ url, schema, logger, maxConnections = 25 }: OpenDatabaseOptions) {
  const pool = new pg.Pool({
    connectionString: urlWithSettings(url, { ...SESSION, search_path: `${quoteIdentifier(schema)},public` }),
    max: maxConnections,
    application_name: schema,
    connectionTimeoutMillis: 5_000, // a client has stopped waiting by then
    idleTimeoutMillis: 60_000,
    maxLifetimeSeconds: 1_800, // a connection's memory on the server only grows
    query_timeout: 20_000, // above the server's own limit: for a server that vanished without a word
    keepAlive: true,
  })
  const open = new Set<pg.PoolClient>()
  pool.on('error', () => undefined) // for idle connections only, which tell it below as well
  pool.on('connect', (client) => {
    open.add(client)
    // without a listener, a connection lost in the middle of a transaction would end the process; the error itself
    // carries the whole client and its keys, so it is not logged
    client.on('error', ({ message }) => logger.warn({ reason: message }, 'a database connection was lost'))
  })
  pool.on('remove', (client) => open.delete(client))
  return { pool, end: () => endPool(pool, open) }
}

/** `pool.end` resolves before its connections are gone: a server stopped right after it would cut them off. */
async function endPool(pool: pg.Pool, open: ReadonlySet<pg.PoolClient>): Promise<void> {
  await pool.end()
  const limit = AbortSignal.timeout(1_000) // a server that vanished says no goodbye
  while (open.size > 0 && !limit.aborted) await once(pool, 'remove', { signal: limit }).catch(() => undefined)
}

const SESSION = {
  TimeZone: 'UTC', // the Prisma adapter reads times as UTC and drops the offset
  statement_timeout: 15_000,
  lock_timeout: 5_000,
  idle_in_transaction_session_timeout: 30_000, // a transaction whose process hangs must not hold its locks
}
