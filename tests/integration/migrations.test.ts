import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { applyMigrations } from '../../platform/database/apply-migrations.js'
import { createLogger } from '../../platform/log/logger.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { createEmptyDatabase, type TestDatabase } from '../support/create-test-database.js'

const logger = createLogger({ service: 'tests', level: 'silent' })
const schema = 'sample'
let folder: string
let place: TestDatabase

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prisma-'))
  await writeProject()
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

beforeEach(async () => {
  place = await createEmptyDatabase()
})

afterEach(() => place.drop())

const apply = () => applyMigrations({ url: place.url, schema, folder: path.join(folder, 'migrations'), logger })

/** A project of its own with two migrations, one with a body that holds semicolons. */
async function writeProject(): Promise<void> {
  const migration = async (name: string, sql: string) => {
    await mkdir(path.join(folder, 'migrations', name), { recursive: true })
    await writeFile(path.join(folder, 'migrations', name, 'migration.sql'), sql)
  }
  await migration(
    '20260101000000_first',
    'CREATE TABLE "things" ("id" INTEGER NOT NULL, CONSTRAINT "things_pkey" PRIMARY KEY ("id"));\n',
  )
  await migration(
    '20260102000000_second',
    'ALTER TABLE "things" ADD COLUMN "name" TEXT;\nCREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END; $$;\n',
  )
  await writeFile(path.join(folder, 'migrations', 'migration_lock.toml'), 'provider = "postgresql"\n')
  await writeFile(
    path.join(folder, 'schema.prisma'),
    'datasource db {\n  provider = "postgresql"\n}\n\nmodel Thing {\n  id   Int     @id\n  name String?\n\n  @@map("things")\n}\n',
  )
  await writeFile(
    path.join(folder, 'prisma.config.mjs'),
    "export default { schema: 'schema.prisma', migrations: { path: 'migrations' }, datasource: { url: process.env.DATABASE_URL } }\n",
  )
}

/** Prisma's own CLI; its words, whatever its exit code. */
async function prisma(...commandArguments: string[]): Promise<string> {
  const cli = path.join(projectRoot, 'node_modules', 'prisma', 'build', 'index.js')
  const url = new URL(place.url)
  url.searchParams.set('schema', schema)
  const env = {
    ...process.env,
    DATABASE_URL: url.toString(),
    PRISMA_SCHEMA_ENGINE_BINARY: path.join(projectRoot, 'scripts', 'schema-engine.mjs'),
    NODE_OPTIONS: '',
  }
  const run = promisify(execFile)(
    process.execPath,
    [cli, ...commandArguments, '--config', path.join(folder, 'prisma.config.mjs')],
    { env, cwd: folder },
  )
  const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error)
  return stdout + stderr
}

function history(): Promise<unknown[]> {
  return query(
    `SELECT migration_name, checksum, applied_steps_count, logs, rolled_back_at, finished_at >= started_at AS finished
     FROM ${schema}._prisma_migrations ORDER BY started_at`,
  )
}

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: place.url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

describe('migrations applied at start', () => {
  it('are, to prisma migrate, applied', async () => {
    await expect(apply()).resolves.toEqual(['20260101000000_first', '20260102000000_second'])
    expect(await prisma('migrate', 'status')).toContain('Database schema is up to date!')
    expect(await prisma('migrate', 'deploy')).toContain('No pending migrations to apply.')
  })

  it('are nothing to do after prisma migrate deploy, and leave the very same rows', async () => {
    await apply()
    const ours = await history()
    const first = place
    place = await createEmptyDatabase()
    expect(await prisma('migrate', 'deploy')).toContain('All migrations have been successfully applied.')
    expect(await history()).toEqual(ours)
    await expect(apply()).resolves.toEqual([])
    await first.drop()
  })

  it('go on from a history that prisma migrate resolve began', async () => {
    await query(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.things (id INT)`)
    expect(await prisma('migrate', 'resolve', '--applied', '20260101000000_first')).toContain('marked as applied')
    await expect(apply()).resolves.toEqual(['20260102000000_second'])
  })

  it('wait for a person when one failed halfway under prisma', async () => {
    await apply()
    await query(`UPDATE ${schema}._prisma_migrations SET finished_at = NULL WHERE migration_name LIKE '%second'`)
    await expect(apply()).rejects.toThrow(
      'SERVICE=sample npx prisma migrate resolve --rolled-back 20260102000000_second (or --applied).',
    )
    expect(await prisma('migrate', 'deploy')).toContain('P3009')
  })
})
