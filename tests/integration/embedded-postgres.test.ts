import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import pg from 'pg'
import { openEmbeddedPostgres, type EmbeddedPostgres } from '../../platform/database/embedded-postgres.js'
import { createLogger } from '../../platform/log/logger.js'
import { projectRoot } from '../../platform/service/project-root.js'

const logger = createLogger({ service: 'tests', level: 'silent' })
const opened: EmbeddedPostgres[] = []
const holders: ChildProcess[] = []
let made: string
let parent: string
let folder: string

/** One folder with its cluster made; copies of it save each test most of a second. */
beforeAll(async () => {
  made = await mkdtemp(path.join(tmpdir(), 'embedded-'))
  await chmod(made, 0o755)
  await (await openEmbeddedPostgres({ folder: path.join(made, 'postgres'), logger })).close()
})

afterAll(() => rm(made, { recursive: true }))

beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'embedded-'))
  await chmod(parent, 0o755)
  folder = path.join(parent, 'postgres')
})

afterEach(async () => {
  for (const holder of holders.splice(0)) {
    if (holder.exitCode === null && holder.signalCode === null && holder.kill('SIGTERM')) await once(holder, 'exit')
  }
  for (const server of opened.splice(0)) await server.close()
  await rm(parent, { recursive: true })
})

async function open(): Promise<EmbeddedPostgres> {
  const server = await openEmbeddedPostgres({ folder, logger })
  opened.push(server)
  return server
}

/** The folder as it is after a first start. */
const useMadeFolder = () => promisify(execFile)('cp', ['-a', path.join(made, 'postgres'), folder])

async function reopen(server: EmbeddedPostgres): Promise<EmbeddedPostgres> {
  await server.close()
  return open()
}

/** Another process that runs the server of this folder, and its address. */
async function hold(): Promise<{ holder: ChildProcess; url: string }> {
  const program = path.join(projectRoot, 'tests', 'support', 'programs', 'hold-postgres.ts')
  const holder = spawn(process.execPath, ['--import', 'tsx', program, folder], {
    cwd: projectRoot,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  holders.push(holder)
  const lines = createInterface({ input: holder.stdout })
  const [url] = await once(lines, 'line')
  return { holder, url: String(url) }
}

async function kill(holder: ChildProcess): Promise<void> {
  holder.kill('SIGKILL')
  await once(holder, 'exit')
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

const pidFile = () => path.join(folder, 'cluster', 'postmaster.pid')
const serverPid = async () => Number((await readFile(pidFile(), 'utf8')).split('\n')[0])

describe('an embedded Postgres', () => {
  it('starts in an empty folder, keeps its data, and lets nobody in without the password', async () => {
    const first = await open()
    await query(first.url, 'CREATE TABLE kept (id INT)')
    const second = await reopen(first)
    expect(await query(second.url, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 0 }])
    const stranger = new URL(second.url)
    stranger.password = 'guess'
    await expect(query(stranger.toString(), 'SELECT 1')).rejects.toThrow(/password/)
    expect((await stat(path.join(folder, 'password'))).mode & 0o777).toBe(0o600)
  })

  it('has the extensions services rely on', async () => {
    await useMadeFolder()
    const { url } = await open()
    await query(
      url,
      'CREATE EXTENSION pg_trgm; CREATE EXTENSION pgcrypto; CREATE EXTENSION unaccent; CREATE EXTENSION citext',
    )
  })

  it('gives its port back when it is closed, and closing twice is closing once', async () => {
    await useMadeFolder()
    const server = await open()
    await Promise.all([server.close(), server.close()])
    const socket = createConnection(server.port, '127.0.0.1')
    const [error] = await once(socket, 'error')
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('starts below a folder that only its owner may enter', async () => {
    await chmod(parent, 0o700)
    await useMadeFolder()
    const { url } = await open()
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('removes what a killed start left half made', async () => {
    const leftOver = path.join(folder, 'cluster.2147483646.new')
    await mkdir(leftOver, { recursive: true })
    await open()
    expect((await readdir(folder)).sort()).toEqual(['cluster', 'owner', 'password', 'server.log'])
  })
})

describe('after a killed process', () => {
  beforeEach(useMadeFolder)

  it('the server that lived on is taken over, with everything that was committed', async () => {
    const { holder, url } = await hold()
    await query(url, 'CREATE TABLE kept (id INT)')
    await kill(holder)
    const server = await open()
    expect(server.takenOver).toBe(true)
    await query(server.url, 'INSERT INTO kept VALUES (1)')
    await server.close()
    await expect(stat(pidFile())).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('and a killed server, it starts again', async () => {
    const { holder, url } = await hold()
    await query(url, 'CREATE TABLE kept (id INT)')
    const pid = await serverPid()
    await kill(holder)
    process.kill(pid, 'SIGKILL')
    const server = await open()
    expect(server.takenOver).toBe(false)
    await query(server.url, 'INSERT INTO kept VALUES (1)')
  })

  it('a pid file whose number is some other program’s now is no hindrance', async () => {
    await writeFile(pidFile(), `${process.pid}\n${path.join(folder, 'cluster')}\n1\n5432\n\n127.0.0.1\n1 1\nready   \n`)
    expect((await open()).takenOver).toBe(false)
  })
})

describe('a folder that can not be used', () => {
  beforeEach(useMadeFolder)

  it('because another process uses it: says which, and how to stop it', async () => {
    const { holder } = await hold()
    await expect(open()).rejects.toThrow(
      `is in use by another running process of this project (pid ${holder.pid}): stop that one first: kill ${holder.pid}.`,
    )
  })

  it('because it is broken: says what to delete, and why', async () => {
    await rm(path.join(folder, 'cluster', 'pg_wal'), { recursive: true })
    await expect(open()).rejects.toThrow(
      /can't use .*postgres: .*pg_wal[^]*To begin anew with an empty database: rm -rf/,
    )
    await rm(path.join(folder, 'cluster', 'PG_VERSION'))
    await expect(open()).rejects.toThrow(/its files are not complete[^]*rm -rf/)
    await rm(folder, { recursive: true })
    await open()
  })

  it('because its password is another one: says what to delete', async () => {
    await writeFile(path.join(folder, 'password'), 'another')
    await expect(open()).rejects.toThrow(/password authentication failed[^]*rm -rf/)
    await expect(stat(pidFile())).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
