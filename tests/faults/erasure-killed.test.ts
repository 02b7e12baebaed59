import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { EraseMyAccountDocument, ErasureDocument } from '../../clients/generated/documents.js'
import { demoProviders } from '../../demo/own-house.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { createEmptyDatabase, type TestDatabase } from '../support/create-test-database.js'
import { describeWithEngines } from '../support/engines.js'
import { startOpenAiServer, type OpenAiServer } from '../support/openai-server.js'
import { findTraces } from '../support/personal-traces.js'
import { newcomer, settle, strangerAt, tracesOf } from '../support/privacy-people.js'
import { startNats, startRedis, type PrivateServer } from '../support/private-servers.js'
import { until } from '../support/until.js'

const MOST_MS = 120_000 // a redelivery takes ten seconds, a busy machine longer for everything
const portNames = ['GATEWAY', 'AUTH', 'USER', 'CONTENT', 'AI', 'BIOMETRIC']

await describeWithEngines(['nats-server', 'redis-server'], 'an erasure whose processes are killed', () => {
  const processes: ChildProcess[] = []
  const servers: PrivateServer[] = []
  let database: TestDatabase
  let ai: OpenAiServer
  let folder: string
  let environment: Record<string, string>

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'house-'))
    database = await createEmptyDatabase()
    ai = await startOpenAiServer()
    const [nats, redis] = [await startNats(), await startRedis()]
    servers.push(nats, redis)
    environment = {
      ...Object.fromEntries(portNames.map((name) => [`${name}_PORT`, '0'])),
      DATA_FOLDER: folder,
      DATABASE_URL: database.url,
      DATABASE_POOL_SIZE: '5',
      NATS_URL: nats.url,
      REDIS_URL: redis.url,
      AI_PROVIDERS: demoProviders(ai.baseUrl),
      AUTH_PASSKEY_ORIGINS: 'https://app.example.com',
    }
  }, MOST_MS)

  afterAll(async () => {
    for (const house of processes) house.kill('SIGKILL')
    for (const server of servers) await server.close()
    await ai?.close()
    await database?.drop()
    await rm(folder, { recursive: true, force: true })
  }, MOST_MS)

  /** Starts the house in a process of its own; resolves with the gateway's address. */
  async function startHouse(): Promise<{ readonly url: string; kill(): Promise<void> }> {
    const program = path.join(projectRoot, 'tests', 'support', 'programs', 'house.ts')
    const house = spawn(process.execPath, ['--import', 'tsx', program, JSON.stringify(environment)], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    processes.push(house)
    const [printed] = await once(house.stdout, 'data')
    return {
      url: `http://127.0.0.1:${String(printed).trim()}/graphql`,
      async kill() {
        const died = once(house, 'exit')
        house.kill('SIGKILL')
        await died
      },
    }
  }

  it(
    'is carried to its end by those that start after them, and leaves nothing but a pseudonym',
    async () => {
      const first = await startHouse()
      const ada = await newcomer(first.url)
      await settle(ada)
      const holder = new pg.Client({ connectionString: database.url })
      await holder.connect()
      await holder.query('BEGIN') // as somebody who is still writing about her: ai has to wait, so auth is not asked
      await holder.query(
        `SELECT pg_advisory_xact_lock_shared(hashtextextended('erasure of ' || $1::text, hashtext('ai')))`,
        [ada.userId],
      )
      const { eraseMyAccount } = await ada.client.request(EraseMyAccountDocument, {})
      const receipt = { id: eraseMyAccount.erasure.id, receipt: eraseMyAccount.receipt }
      const read = async (url: string) => (await strangerAt(url).request(ErasureDocument, receipt)).erasure
      await until(async () => (await read(first.url))?.erasedFrom.length === 3, MOST_MS)
      expect(await findTraces(database.url, [ada.userId])).toEqual(
        expect.arrayContaining(['ai.ai_requests', 'auth.accounts', 'user.erasures']),
      )

      await first.kill()
      await holder.query('ROLLBACK')
      await holder.end()
      const second = await startHouse()
      await until(async () => (await read(second.url))?.state === 'COMPLETED', MOST_MS)
      expect((await read(second.url))?.erasedFrom.map(({ service }) => service).at(-1)).toBe('auth')
      await until(async () => (await findTraces(database.url, tracesOf(ada))).length === 0, MOST_MS)
      await ada.client.close()
    },
    4 * MOST_MS,
  )
})
