import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { openDatabase, type Database } from '../../platform/database/open-database.js'
import { createLogger } from '../../platform/log/logger.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/create-test-database.js'
import { countStatements } from '../support/count-statements.js'

const logger = createLogger({ service: 'tests', level: 'silent' })
let place: TestDatabase
let folder: string

beforeAll(async () => {
  place = await createEmptyDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'migrations-'))
  await writeMigration('1_first', 'CREATE TABLE things (id INT PRIMARY KEY, at TIMESTAMPTZ NOT NULL DEFAULT now());')
})

afterAll(async () => {
  await place.drop()
  await rm(folder, { recursive: true })
})

const writeMigration = async (name: string, sql: string) => {
  await mkdir(path.join(folder, name), { recursive: true })
  await writeFile(path.join(folder, name, 'migration.sql'), sql)
}

const open = (schema = 'things') =>
  openDatabase({ url: place.url, schema, logger, migrationsFolder: folder, waitMs: 1_000 })

const withDatabase = async <T>(work: (database: Database) => Promise<T>, schema?: string): Promise<T> => {
  const database = await open(schema)
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

describe('an opened database', () => {
  it('has its migrations applied in its own schema, and its sessions in UTC', () =>
    withDatabase(async ({ pool }) => {
      await pool.query('INSERT INTO things (id) VALUES (1)')
      const { rows } = await pool.query("SELECT current_setting('TimeZone') AS zone, current_schema() AS schema")
      expect(rows).toEqual([{ zone: 'UTC', schema: 'things' }])
      expect((await pool.query('SELECT count(*)::int AS n FROM things.things')).rows).toEqual([{ n: 1 }])
    }))

  it('keeps the data when it is opened again', () =>
    withDatabase(async ({ pool }) => {
      expect((await pool.query('SELECT id FROM things')).rows).toEqual([{ id: 1 }])
    }))

  it('is one of several in the same server, opened at the same time', async () => {
    const databases = await Promise.all(['a', 'b', 'c', 'a'].map((schema) => open(schema)))
    await Promise.all(databases.map((database) => database.check()))
    await Promise.all(databases.map((database) => database.close()))
  })

  it('outlives the loss of every connection, idle or in a transaction, and logs no key of it', async () => {
    const lines: string[] = []
    const listening = createLogger({
      service: 'tests',
      level: 'warn',
      destination: { write: (line) => lines.push(line) },
    })
    const database = await openDatabase({
      url: place.url,
      schema: 'things',
      logger: listening,
      migrationsFolder: folder,
    })
    const busy = await database.pool.connect()
    await busy.query('BEGIN')
    await database.check()
    await endConnections('things')
    await expect(busy.query('SELECT 1')).rejects.toThrow()
    busy.release(true)
    await untilWorks(() => database.check())
    await database.close()
    expect(lines.join('')).toContain('a database connection was lost')
    expect(lines.join('')).not.toMatch(/secretKey|processID|password/)
  })

  it('counts the statements of a test', () =>
    withDatabase(async ({ pool }) => {
      const count = countStatements(pool)
      await Promise.all([pool.query('SELECT 1'), pool.query('SELECT 2')])
      expect([...count.statements].sort()).toEqual(['SELECT 1', 'SELECT 2'])
      count.reset()
      const client = await pool.connect()
      await client.query('BEGIN')
      await client.query({ text: 'SELECT 3' })
      await client.query('COMMIT')
      client.release()
      expect(count.statements).toEqual(['SELECT 3'])
      count.restore()
      await pool.query('SELECT 4')
      expect(count.statements).toEqual(['SELECT 3'])
    }))
})

describe('a database that can not be opened', () => {
  it('says that the server does not answer, without its address', async () => {
    const reserved = createServer().listen(0, '127.0.0.1')
    await once(reserved, 'listening')
    const address = reserved.address()
    const port = typeof address === 'object' ? address?.port : 0
    reserved.close()
    await once(reserved, 'close')
    const failing = openDatabase({ url: `postgresql://u:secret@127.0.0.1:${port}/x`, schema: 'x', logger, waitMs: 600 })
    await expect(failing).rejects.toThrow(/^Postgres did not answer for 1 s: start it, or correct DATABASE_URL\.$/)
  })

  it('says that the database does not exist', async () => {
    const url = new URL(place.url)
    url.pathname = '/no_such_database'
    await expect(openDatabase({ url: url.toString(), schema: 'x', logger })).rejects.toThrow(/no database of that name/)
  })

  it('names a migration that fails, takes it back whole, and goes on once it is mended', async () => {
    await writeMigration('2_second', 'CREATE TABLE more (id INT); INSERT INTO no_such_table VALUES (1);')
    await expect(open()).rejects.toThrow(
      'Migration 2_second of things failed and was taken back: relation "no_such_table" does not exist.',
    )
    await writeMigration('2_second', 'CREATE TABLE more (id INT);')
    await withDatabase(({ pool }) => pool.query('SELECT id FROM more'))
  })

  it('applies a statement that no transaction may hold', async () => {
    await writeMigration('3_third', 'CREATE INDEX CONCURRENTLY things_at ON things (at);')
    const databases = await Promise.all([open(), open(), open()])
    await Promise.all(databases.map((database) => database.close()))
  })
})

describe('a test database', () => {
  it('has the tables of every service', async () => {
    const histories = await readdir(path.join(projectRoot, 'prisma'), { recursive: true })
    const services = histories
      .filter((entry) => path.basename(entry) === 'migrations')
      .map((entry) => path.dirname(entry))
    const database = await createTestDatabase()
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    const { rows } = await client.query<{ name: string }>(
      "SELECT schemaname AS name FROM pg_tables WHERE tablename = '_prisma_migrations' ORDER BY 1",
    )
    await client.end()
    await database.drop()
    expect(rows.map(({ name }) => name)).toEqual(services.sort())
  })
})

async function endConnections(applicationName: string): Promise<void> {
  const admin = new pg.Client({ connectionString: place.url })
  await admin.connect()
  await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [
    applicationName,
  ])
  await admin.end()
}

async function untilWorks(work: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (tries === 10) throw error
    }
  }
}
