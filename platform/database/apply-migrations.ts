import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { StartupError } from '../errors/startup-error.js'
import type { Logger } from '../log/logger.js'
import { quoteIdentifier, urlWithSettings } from './connection-url.js'

export interface ApplyMigrationsOptions {
  readonly url: string
  readonly schema: string
  /** Folders `<name>/migration.sql`, applied in the order of their names. */
  readonly folder: string
  readonly logger: Logger
}

interface Migration {
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

interface AppliedRow {
  readonly migration_name: string
  readonly checksum: string
  readonly finished_at: Date | null
  readonly rolled_back_at: Date | null
}

/** The key of Prisma's own migration lock: the CLI and this code wait for each other. */
const PRISMA_LOCK = 72_707_369
const LOCK_WAIT_MS = 300_000 // a large table may take its time; orchestrators decide before that

/** As Prisma creates it, column for column. */
const CREATE_HISTORY = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`

/**
 * Brings the schema up to date, in the format of `prisma migrate deploy`, so that either may follow the other. A
 * migration and its row are one transaction: a process killed in between leaves nothing behind. Names of what was
 * applied are returned. Throws StartupError when a migration fails, or when one that failed earlier under the CLI waits
 * to be resolved.
 */
export async function applyMigrations(options: ApplyMigrationsOptions): Promise<readonly string[]> {
  const migrations = await readMigrations(options.folder)
  const client = new pg.Client({
    connectionString: urlWithSettings(options.url, {
      TimeZone: 'UTC',
      lock_timeout: 60_000,
      search_path: quoteIdentifier(options.schema),
    }),
    application_name: `${options.schema} migrations`,
  })
  client.on('error', ({ message }) =>
    options.logger.warn({ reason: message }, 'the connection for migrations was lost'),
  )
  await client.connect()
  try {
    await takeLock(client)
    await makeHistory(client, options.schema)
    const pending = await pendingOf(client, migrations, options)
    for (const migration of pending) await apply(client, migration, options)
    return pending.map(({ name }) => name)
  } finally {
    await client.end() // gives the lock back too
  }
}

/** Where it is there already nothing is asked for that a role which does not own the schema may not do. */
async function makeHistory(client: pg.Client, schema: string): Promise<void> {
  const history = `${quoteIdentifier(schema)}._prisma_migrations`
  const { rows } = await client.query<{ found: boolean }>('SELECT to_regclass($1) IS NOT NULL AS found', [history])
  if (rows[0]?.found === true) return
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`)
  await client.query(CREATE_HISTORY)
}

/** Asks again and again: waiting inside the server would hold a snapshot, which CREATE INDEX CONCURRENTLY elsewhere waits for. */
async function takeLock(client: pg.Client): Promise<void> {
  const deadline = Date.now() + LOCK_WAIT_MS
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [PRISMA_LOCK])
    if (rows[0]?.taken === true) return
    if (Date.now() > deadline)
      throw new StartupError('Another process has been migrating the database for minutes: see what it waits for.')
    await delay(25)
  }
}

async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new StartupError('The folder of migrations is missing: this copy of the project is not complete.', {
      cause: error,
    })
  })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(path.join(folder, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

async function pendingOf(
  client: pg.Client,
  migrations: readonly Migration[],
  { schema, logger }: ApplyMigrationsOptions,
): Promise<readonly Migration[]> {
  const { rows } = await client.query<AppliedRow>(
    'SELECT migration_name, checksum, finished_at, rolled_back_at FROM _prisma_migrations',
  )
  const counted = rows.filter((row) => row.rolled_back_at === null)
  const failed = counted.find((row) => row.finished_at === null)
  if (failed !== undefined) {
    throw new StartupError(
      `Migration ${failed.migration_name} of ${schema} failed earlier and waits to be resolved: ` +
        `SERVICE=${schema} npx prisma migrate resolve --rolled-back ${failed.migration_name} (or --applied).`,
    )
  }
  const checksums = new Map(counted.map((row) => [row.migration_name, row.checksum]))
  for (const { name, checksum } of migrations) {
    const applied = checksums.get(name)
    if (applied !== undefined && applied !== checksum)
      logger.warn({ migration: name }, 'a migration was edited after it was applied')
  }
  return migrations.filter(({ name }) => !checksums.has(name))
}

async function apply(
  client: pg.Client,
  migration: Migration,
  { schema, logger }: ApplyMigrationsOptions,
): Promise<void> {
  const started = performance.now()
  try {
    await client.query('BEGIN')
    await runAndRecord(client, migration)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    if (!isOutsideTransactionsOnly(error)) throw failure(migration, schema, error)
    await runAndRecord(client, migration).catch((reason: unknown) => {
      throw failure(migration, schema, reason)
    })
  }
  logger.info({ migration: migration.name, durationMs: Math.round(performance.now() - started) }, 'migration applied')
}

async function runAndRecord(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  const id = randomUUID()
  await client.query('INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)', [
    id,
    checksum,
    name,
  ])
  await client.query(sql)
  await client.query(
    'UPDATE _prisma_migrations SET applied_steps_count = 1, finished_at = clock_timestamp() WHERE id = $1',
    [id],
  )
}

/** SQLSTATE 25001, as CREATE INDEX CONCURRENTLY answers: such a migration stands alone, as it does under the CLI. */
function isOutsideTransactionsOnly(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '25001'
}

function failure({ name }: Migration, schema: string, error: unknown): StartupError {
  const reason = error instanceof pg.DatabaseError ? error.message : 'the connection was lost'
  return new StartupError(`Migration ${name} of ${schema} failed and was taken back: ${reason}.`, { cause: error })
}
