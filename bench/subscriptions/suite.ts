/**
 * `npm run bench -- subscriptions`: live streams fanned out by this gateway, beside a stock `graphql-ws` server and a bare
 * `ws` broadcast that makes text once, in alternation. The server under measurement has core 0; clients, log and subgraph
 * the other. Deliveries a second swing with whatever else the machine does; processor time a delivery hardly does.
 */
import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { projectRoot } from '../../platform/service/project-root.js'
import { startNats } from '../../tests/support/private-servers.js'
import { startChild } from '../child-process.js'
import { median } from '../load.js'
import { openEventDriver } from './event-driver.js'
import { serverNames, startFanOutServer, type Place, type ServerName } from './fan-out-server.js'
import { measureFanOut, type FanOutFigures, type FanOutOptions } from './measure-fan-out.js'
import { measureResume } from './measure-resume.js'
import { composeMovingThings } from '../../tests/support/moving-things.js'
import { TOPICS } from './topics.js'

export interface SubscriptionsBenchOptions extends Omit<FanOutOptions, 'way'> {
  /** Clients by Server-Sent Events, of a run of the gateway's beside that with sockets. */
  readonly streams: number
  readonly rounds: number
  readonly only: readonly ServerName[]
}

const FILES_BESIDES = 200 // that a server holds open besides its sockets

/** Reads the flags. Throws for a name that does not exist. */
export function readSubscriptionsBenchOptions(
  flags: Readonly<Record<string, string | undefined>>,
): SubscriptionsBenchOptions {
  const count = (flag: string, otherwise: number) =>
    z.coerce
      .number()
      .int()
      .positive()
      .parse(flags[flag] ?? otherwise)
  return {
    sockets: count('sockets', 10_000),
    streams: count('streams', 10_000),
    seconds: count('seconds', 5),
    rounds: count('rounds', 3),
    clientProcesses: 2,
    only: z.array(z.enum(serverNames)).parse(flags['only']?.split(',') ?? serverNames),
  }
}

const BY_EVENTS = 'by SSE'
/** The servers with sockets, and the gateway once more with streams of events. */
type RunName = ServerName | typeof BY_EVENTS

const runsOf = (servers: readonly ServerName[]): RunName[] =>
  servers.flatMap((name) => (name === 'gateway' ? [name, BY_EVENTS] : [name]))

type Print = (line: string) => void
const countSchema = z.object({ asked: z.number() })

export async function benchSubscriptions(print: Print, options: SubscriptionsBenchOptions): Promise<void> {
  for (const script of ['scripts/make-ready.mjs', 'scripts/bundle-gateway.mjs']) {
    await promisify(execFile)(process.execPath, [script], { cwd: projectRoot })
  }
  pinSelf()
  const [sockets, streams] = [allowedSockets(options.sockets, print), allowedSockets(options.streams, print)]
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-subscriptions-'))
  const nats = await startNats()
  const things = await startChild('tests/support/programs/things-subgraph.ts')
  const thingsUrl = `http://127.0.0.1:${z.object({ port: z.number() }).parse(things.ready).port}/graphql`
  const supergraph = path.join(folder, 'supergraph.graphql')
  try {
    await writeFile(supergraph, composeMovingThings(thingsUrl))
    await compare({ natsUrl: nats.url, thingsUrl, supergraph }, { ...options, sockets, streams }, print)
  } finally {
    await things.close()
    await nats.close()
    await rm(folder, { recursive: true })
  }
  if (options.only.includes('gateway')) await resume(print)
}

const RESUMED_CLIENTS = 1_000

async function resume(print: Print): Promise<void> {
  const { clients, awayMs, resumeMs, replayed, faults } = await measureResume(RESUMED_CLIENTS)
  print(`\n${clients} clients whose gateway is killed (-9) and started again, away for ${awayMs.toFixed(0)} ms:`)
  print(
    `  all live again ${resumeMs.toFixed(0)} ms after it answers, with ${replayed} events replayed; missed, had twice or lost`,
  )
  print(`  their stream: ${faults.length}${faults.length > 0 ? ` (${faults.slice(0, 3).join('; ')})` : ''}`)
}

async function compare(place: Place, options: SubscriptionsBenchOptions, print: Print): Promise<void> {
  const driver = await openEventDriver(place.natsUrl)
  const asked = async () => countSchema.parse(await (await fetch(place.thingsUrl)).json()).asked
  const runs = new Map<RunName, FanOutFigures[]>()
  try {
    for (let round = 0; round < options.rounds; round += 1) {
      for (const name of runsOf(options.only)) {
        const server = await startFanOutServer(name === BY_EVENTS ? 'gateway' : name, place)
        const way = name === BY_EVENTS ? 'sse' : 'websocket'
        const sockets = name === BY_EVENTS ? options.streams : options.sockets
        try {
          const figures = await measureFanOut(server, driver, asked, { ...options, way, sockets })
          runs.set(name, [...(runs.get(name) ?? []), figures])
        } catch (error) {
          print(`${name}: ${error instanceof Error ? error.message : String(error)}`)
        } finally {
          await server.kill()
        }
      }
    }
  } finally {
    await driver.close()
  }
  for (const line of tableOf(runs, options)) print(line)
}

function tableOf(runs: ReadonlyMap<RunName, readonly FanOutFigures[]>, options: SubscriptionsBenchOptions): string[] {
  const of = (name: RunName, key: keyof FanOutFigures) => median((runs.get(name) ?? []).map((run) => run[key]))
  const entered = [...runs.keys()]
  const row = (name: RunName) => {
    const cells = [
      of(name, 'perSecond').toFixed(0).padStart(12),
      of(name, 'cpuMicros').toFixed(1).padStart(8),
      of(name, 'p50').toFixed(1).padStart(8),
      of(name, 'p99').toFixed(1).padStart(8),
      of(name, 'kilobytesASocket').toFixed(1).padStart(13),
      of(name, 'residentASocket').toFixed(1).padStart(10),
      ...(['lost', 'missed', 'twice'] as const).map((key) => worst(runs.get(name) ?? [], key).padStart(8)),
      of(name, 'executionsAnEvent').toFixed(2).padStart(12),
    ]
    return `  ${name.padEnd(10)}${cells.join('')}`
  }
  const ratio = (other: RunName) =>
    `  gateway to ${other.padEnd(10)} ${(of('gateway', 'perSecond') / of(other, 'perSecond')).toFixed(2)} by deliveries a second, ` +
    `${(of(other, 'cpuMicros') / of('gateway', 'cpuMicros')).toFixed(2)} by processor time; p99 ${(of('gateway', 'p99') / of(other, 'p99')).toFixed(2)}`
  return [
    `${options.sockets} sockets (${options.streams} streams by SSE) over ${TOPICS} topics, every event joined with a subgraph; medians of ${options.rounds} rounds of ${options.seconds} s in`,
    'alternation (lost, missed and twice: the worst). p50 and p99: ms from publishing to arrival, paced',
    '             deliveries/s  cpu us  p50 ms  p99 ms  kB a socket  resident    lost  missed   twice  executions',
    ...entered.map(row),
    ...(entered.includes('gateway') ? entered.filter((name) => name !== 'gateway').map(ratio) : []),
  ]
}

function worst(runs: readonly FanOutFigures[], key: 'lost' | 'missed' | 'twice'): string {
  return String(Math.max(...runs.map((run) => run[key])))
}

/** As many as the system lets a process have. */
function allowedSockets(wanted: number, print: Print): number {
  const limit = Number(execFileSync('/bin/sh', ['-c', 'ulimit -n']).toString())
  const allowed = Number.isNaN(limit) ? wanted : Math.min(wanted, limit - FILES_BESIDES) // NaN: unlimited
  if (allowed < wanted) print(`ulimit -n is ${limit}: ${allowed} sockets in place of ${wanted}.`)
  return allowed
}

/** Clients and log: off the core of whom they measure. */
function pinSelf(): void {
  try {
    execFileSync('/usr/bin/taskset', ['-cp', '1', `${process.pid}`], { stdio: 'ignore' })
  } catch {
    // no such tool, or a single core: the figures are noisier, the ratios hold
  }
}
