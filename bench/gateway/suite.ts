/**
 * `npm run bench -- gateway`: this gateway beside its peers and beside what raw Node can do, in alternation, every answer
 * compared. The gateway under measurement has core 0, subgraphs and load the other. Requests a second swing with whatever
 * else the machine does; processor time a request hardly does.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'
import { projectRoot } from '../../platform/service/project-root.js'
import { startChild } from '../child-process.js'
import { competitors, installPeers, type Situation } from './competitors.js'
import { composeGraph, queries, queryNames, type QueryName } from './graph.js'
import { measureColdPlanning } from './cold-planning.js'
import { measureRefusals } from './refusals.js'
import { startMeasured, type MeasuredProcess } from './measured-process.js'
import { createReport, type Report } from './report.js'
import { runWireLoad } from './wire-load.js'

export interface GatewayBenchOptions {
  /** Of one run: a competitor, a query, a round. */
  readonly seconds: number
  readonly rounds: number
  /** Names of competitors; null for all. */
  readonly only: readonly string[] | null
  readonly queries: readonly QueryName[]
  /** In place of the comparison: so many requests through this gateway, its memory told on the way. */
  readonly requests: number | null
  /** In place of the comparison: how long attacks take to be refused. */
  readonly attacks: boolean
}

const CONNECTIONS = 50
const urlsSchema = z.object({ accounts: z.url(), products: z.url(), reviews: z.url(), inventory: z.url() })

/** Reads the flags. Throws for a name that does not exist. */
export function readGatewayBenchOptions(
  flags: Readonly<Record<string, string | undefined>>,
  attacks: boolean,
): GatewayBenchOptions {
  const list = (text: string | undefined) => (text === undefined ? null : text.split(','))
  return {
    seconds: z.coerce
      .number()
      .positive()
      .parse(flags['seconds'] ?? 4),
    rounds: z.coerce
      .number()
      .int()
      .positive()
      .parse(flags['rounds'] ?? 3),
    only: z
      .array(z.enum(Object.keys(competitors)))
      .nullable()
      .parse(list(flags['only'])),
    queries: z
      .array(z.enum(queryNames))
      .min(1)
      .parse(list(flags['queries']) ?? (flags['requests'] === undefined ? queryNames : ['middle'])),
    attacks,
    requests: flags['requests'] === undefined ? null : z.coerce.number().int().positive().parse(flags['requests']),
  }
}

export async function benchGateway(print: (line: string) => void, options: GatewayBenchOptions): Promise<void> {
  for (const script of ['scripts/make-ready.mjs', 'scripts/bundle-gateway.mjs']) {
    await promisify(execFile)(process.execPath, [script], { cwd: projectRoot })
  }
  pinSelf()
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-gateway-'))
  const subgraphs = await startChild('bench/gateway/subgraphs-process.ts') // inherits this process's core
  try {
    const urls = urlsSchema.parse(subgraphs.ready)
    const supergraph = path.join(folder, 'supergraph.graphql')
    await writeFile(supergraph, composeGraph(urls))
    if (options.attacks) await measureRefusals(print, { urls, supergraph })
    else if (options.requests === null) await compare(print, options, { urls, supergraph })
    else await endure(print, options, options.requests, { urls, supergraph })
  } finally {
    await subgraphs.close()
    await rm(folder, { recursive: true })
  }
}

type Place = Omit<Situation, 'port'>

async function compare(print: (line: string) => void, options: GatewayBenchOptions, place: Place): Promise<void> {
  const wanted = options.only ?? Object.keys(competitors)
  const needsPeers = wanted.some((name) => name !== 'gateway' && name !== 'limit')
  const havePeers = needsPeers && (await installPeers(print))
  const entered = wanted.filter((name) => havePeers || name === 'gateway' || name === 'limit')
  const report = createReport()
  const expected = await expectedAnswers(place)
  const running = new Map<string, MeasuredProcess>()
  try {
    for (const name of entered) {
      const process = await start(name, place, report, print)
      if (process !== null) running.set(name, process)
    }
    for (const query of options.queries) {
      for (const [name, process] of [...running]) await warm(name, process, query, expected, print, running)
      for (let round = 0; round < options.rounds; round += 1) {
        for (const [name, process] of running) await run(name, process, query, expected, options, report)
      }
    }
  } finally {
    for (const process of running.values()) await process.close()
  }
  for (const line of report.lines(options, CONNECTIONS)) print(line)
  for (const line of await measureColdPlanning()) print(line)
}

async function start(name: string, place: Place, report: Report, print: (line: string) => void) {
  const competitor = competitors[name]
  if (competitor === undefined) return null
  try {
    const process = await startMeasured(competitor, place)
    report.addReady(name, process.readyMs)
    return process
  } catch (error) {
    print(`${competitor.name} takes no part: ${error instanceof Error ? error.message : 'unknown'}`)
    return null
  }
}

type Expected = Readonly<Record<QueryName, unknown>>

function checker(query: QueryName, expected: Expected): (answer: string) => void {
  return (answer) => {
    if (isDeepStrictEqual(JSON.parse(answer), expected[query])) return
    throw new Error(`not the expected answer to the ${query} query: ${answer.slice(0, 500)}`)
  }
}

/** Compilers and caches get their turn. One that answers wrongly is out. */
async function warm(
  name: string,
  process: MeasuredProcess,
  query: QueryName,
  expected: Expected,
  print: (line: string) => void,
  running: Map<string, MeasuredProcess>,
): Promise<void> {
  try {
    const check = checker(query, expected)
    await runWireLoad({ port: process.port, query: queries[query], connections: CONNECTIONS, durationMs: 2_000, check })
  } catch (error) {
    print(`${name} is out: ${error instanceof Error ? error.message.slice(0, 300) : 'unknown'}`)
    running.delete(name)
    await process.close()
  }
}

async function run(
  name: string,
  process: MeasuredProcess,
  query: QueryName,
  expected: Expected,
  { seconds }: GatewayBenchOptions,
  report: Report,
): Promise<void> {
  const before = process.cpuMs()
  const load = await runWireLoad({
    port: process.port,
    query: queries[query],
    connections: CONNECTIONS,
    durationMs: seconds * 1_000,
    check: checker(query, expected),
  })
  const after = process.cpuMs()
  const cpuMicros = before === null || after === null ? null : ((after - before) * 1_000) / load.count
  report.addRun(name, query, { ...load, cpuMicros, megabytes: process.residentMegabytes() })
}

/** From the limit, whose answers are made by hand: every other competitor has to come to the same. */
async function expectedAnswers(place: Place): Promise<Expected> {
  const limit = competitors['limit']
  if (limit === undefined) throw new Error('no limit')
  const process = await startMeasured(limit, place)
  try {
    const answers = await Promise.all(
      queryNames.map(async (name): Promise<[QueryName, unknown]> => {
        const body = JSON.stringify({ query: queries[name] })
        const headers = { 'content-type': 'application/json' }
        const response = await fetch(`http://127.0.0.1:${process.port}/graphql`, { method: 'POST', headers, body })
        return [name, await response.json()]
      }),
    )
    return Object.fromEntries(answers) as Record<QueryName, unknown>
  } finally {
    await process.close()
  }
}

const STEPS = 10

/**
 * Memory must be flat: told at every tenth of the way, in which the queries take turns. Beside what the system has lent the process stands
 * what is in use after a collection, in which growth can be told from noise.
 */
async function endure(
  print: (line: string) => void,
  { only, queries: asked }: GatewayBenchOptions,
  requests: number,
  place: Place,
): Promise<void> {
  const expected = await expectedAnswers(place)
  for (const name of only ?? ['gateway']) {
    const competitor = competitors[name]
    if (competitor === undefined) continue
    const process = await startMeasured(competitor, place, { tellsHeap: true })
    try {
      print(`${competitor.name}, ${requests} requests in turn of the queries ${asked.join(', ')}:`)
      for (let step = 1; step <= STEPS; step += 1) {
        const started = performance.now()
        for (const query of asked) {
          await runWireLoad({
            port: process.port,
            query: queries[query],
            connections: CONNECTIONS,
            durationMs: Infinity,
            maximumRequests: Math.ceil(requests / STEPS / asked.length),
            check: checker(query, expected),
          })
        }
        const perSecond = (requests / STEPS / (performance.now() - started)) * 1_000
        const resident = process.residentMegabytes()?.toFixed(0) ?? '?'
        const inUse = (await process.heapMegabytes())?.toFixed(2) ?? '?'
        const done = String((requests * step) / STEPS).padStart(9)
        print(
          `  ${done} ${perSecond.toFixed(0).padStart(7)}/s ${resident.padStart(5)} MB ${inUse.padStart(8)} MB in use`,
        )
      }
    } finally {
      await process.close()
    }
  }
}

/** This process makes the load: off the core of whom it measures. */
function pinSelf(): void {
  try {
    execFileSync('/usr/bin/taskset', ['-cp', '1', `${process.pid}`], { stdio: 'ignore' })
  } catch {
    // no such tool, or a single core: the figures are noisier, the ratios hold
  }
}
