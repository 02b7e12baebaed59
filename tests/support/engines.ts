/**
 * Which real engines the tests can have. In: the environment, the standard ports of this machine, the binaries on PATH, in
 * this order. Out: an engine to open, or null. It refuses to let a suite pass unseen: where an engine is missing the suite
 * is skipped under a title that engine-reporter.mjs repeats at the end, and with CI=true it fails.
 */
import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { findBinary, natsAnswers, redisAnswers, startNats, startRedis } from './private-servers.js'

export interface OpenEngine {
  readonly url: string
  close(): Promise<void>
}

export interface FoundEngine {
  readonly from: 'environment' | 'local port' | 'binary'
  /** An engine that was running stays running; one started for this call is stopped by `close`. */
  open(): Promise<OpenEngine>
}

export interface FoundEngines {
  readonly nats: FoundEngine | null
  readonly redis: FoundEngine | null
}

export async function findEngines(environment: NodeJS.ProcessEnv = process.env): Promise<FoundEngines> {
  const [nats, redis] = await Promise.all([findNats(environment), findRedis(environment)])
  return { nats, redis }
}

async function findNats(environment: NodeJS.ProcessEnv): Promise<FoundEngine | null> {
  const url = environment['NATS_URL']
  if (url !== undefined && url !== '') return running('environment', url)
  if (await natsAnswers(4222)) return running('local port', 'nats://127.0.0.1:4222')
  return findBinary('nats-server') === undefined ? null : { from: 'binary', open: startNats }
}

async function findRedis(environment: NodeJS.ProcessEnv): Promise<FoundEngine | null> {
  const url = environment['REDIS_URL']
  if (url !== undefined && url !== '') return running('environment', url)
  if (await redisAnswers(6379)) return running('local port', 'redis://127.0.0.1:6379')
  return findBinary('redis-server') === undefined ? null : { from: 'binary', open: startRedis }
}

function running(from: 'environment' | 'local port', url: string): FoundEngine {
  return { from, open: async () => ({ url, close: async () => {} }) }
}

/** Why a suite can't run, and what helps. `nats-server` and `redis-server` are for suites that kill what they use. */
const missing = {
  nats: 'no NATS was found (set NATS_URL or install nats-server)',
  redis: 'no Redis was found (set REDIS_URL or install redis-server)',
  'nats-server': 'no nats-server was found to start and kill (install it and put it on PATH)',
  'redis-server': 'no redis-server was found to start and kill (install it and put it on PATH)',
} as const

export type EngineName = keyof typeof missing

/** A suite that needs a real engine. Await it at the top of a test file; `define` registers the tests, `url` is for use within them. */
export async function describeWithEngine(
  engine: EngineName,
  suite: string,
  define: (url: () => string) => void,
): Promise<void> {
  const found = await find(engine)
  if (found !== null) return describe(suite, () => defineOn(found, define))
  if (process.env['CI'] !== 'true') return describe.skip(`${suite} (skipped: ${missing[engine]})`, () => define(noUrl))
  describe(suite, () => {
    it('has its engine', () => {
      throw new Error(`With CI=true every engine must be there: ${missing[engine]}.`)
    })
  })
}

async function find(engine: EngineName): Promise<FoundEngine | null> {
  if (engine === 'nats') return findNats(process.env)
  if (engine === 'redis') return findRedis(process.env)
  // Such a suite starts its servers itself: there is none to open.
  return findBinary(engine) === undefined
    ? null
    : { from: 'binary', open: async () => ({ url: '', close: async () => {} }) }
}

function defineOn(found: FoundEngine, define: (url: () => string) => void): void {
  let engine: OpenEngine | undefined
  beforeAll(async () => {
    engine = await found.open()
  })
  afterAll(() => engine?.close())
  define(() => engine?.url ?? noUrl())
}

function noUrl(): never {
  throw new Error('The engine is open only while its tests run.')
}
