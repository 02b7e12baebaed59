/**
 * The house in a process that can be killed, and started again on what the one before has left. In: an empty database. Out:
 * houses, one after the other, on engines of their own. Closing kills what still runs.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { demoProviders } from '../../demo/own-house.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { startOpenAiServer } from './openai-server.js'
import { startNats, startRedis } from './private-servers.js'

const portNames = ['GATEWAY', 'AUTH', 'USER', 'CONTENT', 'AI', 'BIOMETRIC']

export interface KillableHouse {
  /** The gateway. */
  readonly url: string
  /** With SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
}

export interface KillableHouses {
  start(): Promise<KillableHouse>
  close(): Promise<void>
}

/** Throws where NATS or Redis can't be started. */
export async function openKillableHouses(databaseUrl: string): Promise<KillableHouses> {
  const folder = await mkdtemp(path.join(tmpdir(), 'house-'))
  const [ai, nats, redis] = [await startOpenAiServer(), await startNats(), await startRedis()]
  const environment = {
    ...Object.fromEntries(portNames.map((name) => [`${name}_PORT`, '0'])),
    DATA_FOLDER: folder,
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_SIZE: '5',
    NATS_URL: nats.url,
    REDIS_URL: redis.url,
    AI_PROVIDERS: demoProviders(ai.baseUrl),
    AUTH_PASSKEY_ORIGINS: 'https://app.example.com',
  }
  const processes: ChildProcess[] = []
  return {
    async start() {
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
    },
    async close() {
      for (const house of processes) house.kill('SIGKILL')
      await Promise.all([nats.close(), redis.close(), ai.close()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}
