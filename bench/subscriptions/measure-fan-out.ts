import { percentile } from '../load.js'
import type { EventDriver } from './event-driver.js'
import type { FanOutServer } from './fan-out-server.js'
import { openLoad, type LoadProcesses } from './load-processes.js'
import type { Way } from './open-stream.js'
import { TOPICS } from './topics.js'

export interface FanOutOptions {
  readonly sockets: number
  readonly way: Way
  readonly seconds: number
  readonly clientProcesses: number
}

export interface FanOutFigures {
  readonly perSecond: number
  /** Processor time of the server, a delivery. */
  readonly cpuMicros: number
  /** From the publishing of an event to its arrival, at a pace every server keeps up with; milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Of the heap and of resident memory. */
  readonly kilobytesASocket: number
  readonly residentASocket: number
  readonly lost: number
  readonly missed: number
  readonly twice: number
  /** Fetches from the subgraph, an event. */
  readonly executionsAnEvent: number
}

const AHEAD_ROUNDS = 2 // events under way, as rounds over all topics
const PUBLISHERS = 16
const PACED_A_SECOND = 20 // events: 2,000 deliveries a second at 10,000 sockets, which a busy machine still allows all of them

/** One server under one load. Every socket is served before figures are taken. `asked` tells how often the subgraph was asked. */
export async function measureFanOut(
  server: FanOutServer,
  driver: EventDriver,
  asked: () => Promise<number>,
  options: FanOutOptions,
): Promise<FanOutFigures> {
  const empty = await server.memory()
  const load = await openLoad({ ...options, port: server.port, processes: options.clientProcesses })
  try {
    await reachAll(load, driver, options.sockets)
    const full = await server.memory()
    const perEvent = options.sockets / TOPICS
    await flood(load, driver, perEvent, options.seconds / 4) // compilers get their turn
    const [askedBefore, eventsBefore] = [await asked(), driver.published]
    const rate = await flood(load, driver, perEvent, options.seconds, () => server.cpuMs())
    const executionsAnEvent = ((await asked()) - askedBefore) / (driver.published - eventsBefore)
    const delays = (await pace(load, driver, perEvent, options.seconds)).sort((a, b) => a - b)
    const { lost, missed, twice } = await load.figures()
    return {
      ...rate,
      p50: percentile(delays, 0.5),
      p99: percentile(delays, 0.99),
      kilobytesASocket: (full.heapKilobytes - empty.heapKilobytes) / options.sockets,
      residentASocket: (full.residentKilobytes - empty.residentKilobytes) / options.sockets,
      ...{ lost, missed, twice, executionsAnEvent },
    }
  } finally {
    await load.close()
  }
}

/** Until every socket has had an event: a subscription is not acknowledged. */
async function reachAll(load: LoadProcesses, driver: EventDriver, sockets: number): Promise<void> {
  const deadline = performance.now() + 60_000
  while ((await load.figures()).live < sockets) {
    if (performance.now() > deadline) throw new Error(`Only ${(await load.figures()).live} sockets are served.`)
    for (let count = 0; count < TOPICS; count += 1) await driver.publish()
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  await settle(load)
}

/** Until nothing more arrives. */
async function settle(load: LoadProcesses): Promise<void> {
  for (let before = -1; before !== load.delivered();) {
    before = load.delivered()
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

/** Until so many deliveries have come in all; not longer than a server takes that has lost some. */
async function arrive(load: LoadProcesses, total: number): Promise<void> {
  const deadline = performance.now() + 20_000
  while (load.delivered() < total && performance.now() < deadline)
    await Promise.race([load.moved(), new Promise((resolve) => setTimeout(resolve, 500))])
}

/** As fast as the server goes: new events as deliveries arrive. */
async function flood(
  load: LoadProcesses,
  driver: EventDriver,
  perEvent: number,
  seconds: number,
  cpuMs: () => number = () => 0,
): Promise<{ perSecond: number; cpuMicros: number }> {
  const [eventsBefore, before, cpuBefore, started] = [driver.published, load.delivered(), cpuMs(), performance.now()]
  const delivered = () => load.delivered() - before
  const isOver = () => performance.now() - started > seconds * 1_000
  const publisher = async () => {
    while (!isOver()) {
      const underWay = (driver.published - eventsBefore) * perEvent - delivered()
      if (underWay > AHEAD_ROUNDS * TOPICS * perEvent) await load.moved()
      else await driver.publish()
    }
  }
  await Promise.all(Array.from({ length: PUBLISHERS }, publisher))
  const elapsedMs = performance.now() - started
  const [count, cpu] = [delivered(), cpuMs() - cpuBefore]
  await arrive(load, before + (driver.published - eventsBefore) * perEvent)
  return { perSecond: (count * 1_000) / elapsedMs, cpuMicros: (cpu * 1_000) / count }
}

/** One event after another at an even pace. Gives how long each delivery took, in milliseconds. */
async function pace(load: LoadProcesses, driver: EventDriver, perEvent: number, seconds: number): Promise<number[]> {
  await load.sample(true)
  const before = load.delivered()
  const count = Math.round(seconds * PACED_A_SECOND)
  const started = performance.now()
  for (let index = 0; index < count; index += 1) {
    const waitMs = started + (index * 1_000) / PACED_A_SECOND - performance.now()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    await driver.publish()
  }
  await arrive(load, before + count * perEvent)
  return load.sample(false)
}
