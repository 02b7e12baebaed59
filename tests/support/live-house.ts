/**
 * A gateway's surroundings for faults of live streams, every part a real process that may be killed. In: how many replicas,
 * and what is special about them. Out: addresses, and the parts by name. The graph is that of `moving-things.ts`.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { connectNatsBus } from '../../platform/bus/nats-bus.js'
import type { Bus } from '../../platform/bus/bus.js'
import { createLogger } from '../../platform/log/logger.js'
import { freePort } from '../../platform/service/free-port.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { composeMovingThings, subjectOf, type MovedEvent } from './moving-things.js'
import { createProgram, type Program } from './program.js'
import { startNats, type PrivateServer } from './private-servers.js'

export interface Killable {
  kill(): Promise<void>
  restart(): Promise<void>
}

export interface LiveHouse {
  readonly nats: PrivateServer
  readonly things: Killable
  readonly gateways: readonly (Program & { readonly url: string })[]
  /** Publishes the next events of every topic: numbers go on from 1. Resolves when the log has them all. */
  publish(rounds: number): Promise<void>
  /** Events of each topic so far. */
  readonly published: number
  close(): Promise<void>
}

export interface LiveHouseOptions {
  readonly topics: number
  /** Environment of each replica; as many start. */
  readonly replicas: readonly Readonly<Record<string, string>>[]
}

const config = { subscriptions: { limits: { maxSocketsPerAddress: 20_000 } } } // all clients of a test have one address

export async function startLiveHouse({ topics, replicas }: LiveHouseOptions): Promise<LiveHouse> {
  await promisify(execFile)(process.execPath, ['scripts/make-ready.mjs'], { cwd: projectRoot })
  const folder = await mkdtemp(path.join(tmpdir(), 'live-house-'))
  const nats = await startNats()
  const thingsPort = await freePort()
  const things = await startThings(thingsPort)
  const [supergraph, configFile] = [path.join(folder, 'supergraph.graphql'), path.join(folder, 'gateway.json')]
  await writeFile(supergraph, composeMovingThings(`http://127.0.0.1:${thingsPort}/graphql`, 'ALL'))
  await writeFile(configFile, JSON.stringify(config))
  const gateways = await Promise.all(
    replicas.map(async (environment, index) => {
      const port = await freePort()
      const command = ['dist/gateway/main.js', '--supergraph', supergraph, '--config', configFile]
      const own = { GATEWAY_PORT: `${port}`, GATEWAY_HOST: '127.0.0.1', LOG_LEVEL: 'warn' }
      const shared = { NATS_URL: nats.url, GATEWAY_CURSOR_KEYS: Buffer.alloc(32, 5).toString('base64') }
      const program = createProgram({
        name: `gateway ${index}`,
        folder: projectRoot,
        command,
        environment: { ...process.env, NODE_OPTIONS: '', ...own, ...shared, ...environment },
        port,
      })
      await program.start()
      return { ...program, url: `ws://127.0.0.1:${port}/graphql` }
    }),
  )
  const publisher = await openPublisher(nats.url, topics)
  return {
    nats,
    things,
    gateways,
    publish: publisher.publish,
    get published() {
      return publisher.published
    },
    async close() {
      await Promise.all([publisher.close(), ...gateways.map((gateway) => gateway.kill())])
      await things.kill()
      await nats.close()
      await rm(folder, { recursive: true })
    },
  }
}

async function startThings(port: number): Promise<Killable> {
  let child: ChildProcess | undefined
  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  const restart = async () => {
    await kill()
    const program = path.join(projectRoot, 'tests', 'support', 'programs', 'things-subgraph.ts')
    const started = spawn(process.execPath, ['--import', 'tsx', program, `${port}`], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child = started
    await once(createInterface(started.stdout), 'line')
  }
  await restart()
  return { kill, restart }
}

async function openPublisher(natsUrl: string, topics: number) {
  const logger = createLogger({ service: 'publisher', level: 'silent' })
  const bus: Bus = await connectNatsBus({ url: natsUrl, clientName: 'publisher', logger, publishWaitMs: 30_000 })
  let published = 0
  const publishOne = (topic: number, number: number) => {
    const data: MovedEvent = { number, sentAt: 0, note: 'moved', thing: { id: `${topic}` } }
    const occurredAt = new Date().toISOString()
    return bus.publish(subjectOf(topic), {
      id: crypto.randomUUID(),
      type: 'thing.moved',
      version: 1,
      occurredAt,
      traceId: '0'.repeat(32),
      data,
    })
  }
  return {
    get published() {
      return published
    },
    /** One round after another, for each topic's numbers must come in order. */
    async publish(rounds: number) {
      for (let round = 0; round < rounds; round += 1) {
        published += 1
        await Promise.all(Array.from({ length: topics }, (_, topic) => publishOne(topic, published)))
      }
    },
    close: () => bus.close(),
  }
}
