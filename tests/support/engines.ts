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

/**
 * Why a suite can't run, and what helps. `nats-server` and `redis-server` are for suites that kill what they use, `chromium`
 * for those that look at pages, `promtool` for those that check alerts.
 */
const missing = {
  nats: 'no NATS was found (set NATS_URL or install nats-server)',
  redis: 'no Redis was found (set REDIS_URL or install redis-server)',
  'nats-server': 'no nats-server was found to start and kill (install it and put it on PATH)',
  'redis-server': 'no redis-server was found to start and kill (install it and put it on PATH)',
  chromium: "no Chromium was found (install it: Debian's package is chromium)",
  promtool: "no promtool was found (it comes with Prometheus: Debian's package is prometheus)",
} as const

export type EngineName = keyof typeof missing

/** A suite that needs a real engine. Await it at the top of a test file; `define` registers the tests, `url` is for use within them. */
export function describeWithEngine(
  engine: EngineName,
  suite: string,
  define: (url: () => string) => void,
): Promise<void> {
  return describeWithEngines([engine], suite, (url) => define(() => url(engine)))
}

/** The same for a suite that needs several. */
export async function describeWithEngines(
  engines: readonly EngineName[],
  suite: string,
  define: (url: (engine: EngineName) => string) => void,
): Promise<void> {
  const found = new Map<EngineName, FoundEngine>()
  const absent: string[] = []
  for (const name of engines) {
    const engine = await find(name)
    if (engine === null) absent.push(missing[name])
    else found.set(name, engine)
  }
  if (absent.length === 0) return describe(suite, () => defineOn(found, define))
  const reasons = absent.join('; ')
  if (process.env['CI'] !== 'true') return describe.skip(`${suite} (skipped: ${reasons})`, () => define(noUrl))
  describe(suite, () => {
    it('has its engines', () => {
      throw new Error(`With CI=true every engine must be there: ${reasons}.`)
    })
  })
}

async function find(engine: EngineName): Promise<FoundEngine | null> {
  if (engine === 'nats') return findNats(process.env)
  if (engine === 'redis') return findRedis(process.env)
  // Such a suite starts its servers or its browser itself: there is none to open.
  return findBinary(engine) === undefined
    ? null
    : { from: 'binary', open: async () => ({ url: '', close: async () => {} }) }
}

function defineOn(
  found: ReadonlyMap<EngineName, FoundEngine>,
  define: (url: (engine: EngineName) => string) => void,
): void {
  const open = new Map<EngineName, OpenEngine>()
  beforeAll(async () => {
    for (const [name, engine] of found) open.set(name, await engine.open())
  })
  afterAll(async () => {
    for (const engine of open.values()) await engine.close()
  })
  define((name) => open.get(name)?.url ?? noUrl())
}

function noUrl(): never {
  throw new Error('The engine is open only while its tests run.')
}
