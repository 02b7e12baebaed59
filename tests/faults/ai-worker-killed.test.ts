import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import pg from 'pg'
import type { Bus } from '../../platform/bus/bus.js'
import { projectRoot } from '../../platform/service/project-root.js'
import type { AiConfig } from '../../subgraphs/ai/config.js'
import { createTestDatabase, type TestDatabase } from '../support/create-test-database.js'
import { describeWithEngine } from '../support/engines.js'
import { connectTestBus, dropNamespace, newNamespace } from '../support/nats-namespace.js'
import { startOpenAiServer, type OpenAiServer } from '../support/openai-server.js'
import type { AiWorkerArgument } from '../support/programs/ai-worker.js'
import { createGate, endsOf } from '../support/start-ai.js'

const LEASE_MS = 2_000 // far above what a busy machine keeps a process waiting, short enough to wait for

function configFor(baseUrl: string): AiConfig {
  const model = { id: 'model', contextWindow: 100, outputLimit: 100, modalities: ['TEXT' as const] }
  return {
    http: { host: '127.0.0.1', port: 0 },
    providers: [{ name: 'only', baseUrl, apiKey: null, models: [model] }],
    timeoutMs: 20_000,
    workers: { concurrency: 2, leaseMs: LEASE_MS, searchEveryMs: 100 },
  }
}

function spawnWorker(argument: AiWorkerArgument, workers: ChildProcess[]): ChildProcess {
  const program = path.join(projectRoot, 'tests', 'support', 'programs', 'ai-worker.ts')
  const worker = spawn(process.execPath, ['--import', 'tsx', program, JSON.stringify(argument)], {
    cwd: projectRoot,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  workers.push(worker)
  return worker
}

await describeWithEngine('nats', 'the ai service when a worker’s process dies', (natsUrl) => {
  const namespace = newNamespace()
  const workers: ChildProcess[] = []
  let database: TestDatabase
  let pool: pg.Pool
  let bus: Bus
  let provider: OpenAiServer

  beforeAll(async () => {
    provider = await startOpenAiServer()
    database = await createTestDatabase()
    pool = new pg.Pool({ connectionString: database.url, max: 1 })
    bus = await connectTestBus(natsUrl(), namespace)
  })

  afterEach(() => workers.splice(0).forEach((worker) => worker.kill('SIGKILL')))

  afterAll(async () => {
    await bus.close()
    await pool.end()
    await database.drop()
    await dropNamespace(natsUrl(), namespace)
    await provider.close()
  })

  const startWorker = () => {
    const config = configFor(provider.baseUrl)
    return spawnWorker({ databaseUrl: database.url, natsUrl: natsUrl(), namespace, config }, workers)
  }

  it('gives its request to another worker, which answers it, once', async () => {
    const [id, userId] = [crypto.randomUUID(), crypto.randomUUID()]
    const progress = await bus.follow(`progress.ai.${userId}.${id}`, 'all')
    const held = createGate({ kind: 'hang' })
    provider.follow(held.script)
    await pool.query(
      `INSERT INTO ai.ai_requests (id, user_id, prompt, max_tokens, announced_at, created_at)
       VALUES ($1, $2, 'Why?', 10, now(), now())`,
      [id, userId],
    )

    const first = startWorker()
    await held.asked
    const died = once(first, 'exit')
    first.kill('SIGKILL')
    await died
    const read = () => pool.query('SELECT state, attempts, output FROM ai.ai_requests WHERE id = $1', [id])
    expect((await read()).rows).toEqual([{ state: 'RUNNING', attempts: 1, output: null }])

    provider.follow([{ kind: 'answer', text: 'Because.' }])
    startWorker()
    const steps: string[] = []
    for await (const { envelope } of progress) {
      steps.push(/"state":"([A-Z]+)"/.exec(JSON.stringify(envelope.data))?.[1] ?? '')
      if (steps.at(-1) === 'COMPLETED') break
    }
    expect(steps).toEqual(['RUNNING', 'QUEUED', 'RUNNING', 'COMPLETED'])
    expect((await read()).rows).toEqual([{ state: 'COMPLETED', attempts: 2, output: 'Because.' }])
    expect(await endsOf(bus, id)).toEqual([
      { requestId: id, userId, outcome: 'COMPLETED', model: 'model', totalTokens: 2 },
    ])
  })
})
