/**
 * A database of its own for a test file. In: nothing. Out: the address of a fresh database in
 * which every service's migrations are applied already: `openDatabase` finds nothing to do. It is a copy of a template
 * that is made once for each state of the migrations, which takes a tenth of a second instead of all of them anew.
 */
import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import { applyMigrations } from '../../platform/database/apply-migrations.js'
import { createLogger } from '../../platform/log/logger.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { openTestServer } from './test-server.js'

export interface TestDatabase {
  readonly url: string
  /** Ends connections that are still open, then removes the database. */
  drop(): Promise<void>
}

const TEMPLATE_LOCK = 7_215_608_302 // any number, the same for every test process: exclusive to make, shared to copy
const LEFT_OVER_AFTER = "interval '1 hour'" // no test run lasts as long

/** Every service's tables, empty. */
export function createTestDatabase(): Promise<TestDatabase> {
  return createDatabase(copyTemplate)
}

/** A database with nothing in it. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabase((admin, _serverUrl, name) => admin.query(`CREATE DATABASE ${name}`))
}

async function createDatabase(
  make: (admin: pg.Client, serverUrl: string, name: string) => Promise<unknown>,
): Promise<TestDatabase> {
  const server = await openTestServer()
  const name = `test_${Math.floor(Date.now() / 1_000)}_${randomUUID().slice(0, 8)}`
  await withAdmin(server.url, (admin) => make(admin, server.url, name))
  return {
    url: databaseUrl(server.url, name),
    async drop() {
      await withAdmin(server.url, (admin) => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
      await server.close()
    },
  }
}

async function copyTemplate(admin: pg.Client, serverUrl: string, name: string): Promise<void> {
  const template = await templateName()
  for (;;) {
    await admin.query('SELECT pg_advisory_lock_shared($1)', [TEMPLATE_LOCK]) // given back with the connection
    if (await exists(admin, template)) return void (await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`))
    await admin.query('SELECT pg_advisory_unlock_shared($1)', [TEMPLATE_LOCK])
    await makeTemplate(admin, serverUrl, template)
  }
}

async function makeTemplate(admin: pg.Client, serverUrl: string, template: string): Promise<void> {
  await admin.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK])
  try {
    if (await exists(admin, template)) return
    await removeLeftOvers(admin)
    const unfinished = `${template}_new`
    await admin.query(`CREATE DATABASE ${unfinished}`)
    const logger = createLogger({ service: 'tests', level: 'warn' })
    for (const { schema, folder } of await listHistories()) {
      await applyMigrations({ url: databaseUrl(serverUrl, unfinished), schema, folder, logger })
    }
    await admin.query(`ALTER DATABASE ${unfinished} RENAME TO ${template}`)
  } finally {
    await admin.query('SELECT pg_advisory_unlock($1)', [TEMPLATE_LOCK])
  }
}

/** What killed test runs and earlier states of the migrations left behind. */
async function removeLeftOvers(admin: pg.Client): Promise<void> {
  const { rows } = await admin.query<{ datname: string }>(
    `SELECT datname FROM pg_database WHERE datname LIKE 'template\\_test\\_%'
     OR (datname ~ '^test_[0-9]{10}_' AND to_timestamp(split_part(datname, '_', 2)::bigint) < now() - ${LEFT_OVER_AFTER})`,
  )
  for (const { datname } of rows) await admin.query(`DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`)
}

async function exists(admin: pg.Client, name: string): Promise<boolean> {
  const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
  return rowCount === 1
}

/** Changes with any byte of any migration. */
async function templateName(): Promise<string> {
  const hash = createHash('sha256')
  for (const { schema, folder } of await listHistories()) {
    for (const name of (await readdir(folder)).sort()) {
      hash.update(`${schema}/${name}\0`)
      if (!name.endsWith('.toml')) hash.update(await readFile(path.join(folder, name, 'migration.sql')))
    }
  }
  return `template_test_${hash.digest('hex').slice(0, 16)}`
}

async function listHistories() {
  const root = path.join(projectRoot, 'prisma')
  const entries = await readdir(root, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isDirectory() && entry.name === 'migrations')
    .map((entry) => ({ schema: path.basename(entry.parentPath), folder: path.join(entry.parentPath, entry.name) }))
    .sort((a, b) => a.schema.localeCompare(b.schema))
}

function databaseUrl(serverUrl: string, name: string): string {
  const changed = new URL(serverUrl)
  changed.pathname = `/${name}`
  return changed.toString()
}

async function withAdmin<T>(url: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end()
  }
}
