import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from '../../platform/service/free-port.js'
import path from 'node:path'
import { projectRoot } from '../../platform/service/project-root.js'
import { pinned, readCpu, readResident } from '../process-figures.js'
import { queries } from './graph.js'
import type { Competitor, Situation } from './competitors.js'

export interface MeasuredProcess {
  readonly port: number
  /** From the start of the process to its first right answer. */
  readonly readyMs: number
  /** Used so far, user and system; null where the system does not tell. */
  cpuMs(): number | null
  residentMegabytes(): number | null
  /** In use after a collection of garbage; null where the process was not started to tell. */
  heapMegabytes(): Promise<number | null>
  close(): Promise<void>
}

const START_LIMIT_MS = 30_000

const TELL_HEAP = ['--expose-gc', '--import', path.join(projectRoot, 'bench', 'gateway', 'tell-heap.mjs')]

/** Starts a competitor on core 0. Throws when it gives no answer in half a minute. */
export async function startMeasured(
  competitor: Competitor,
  situation: Omit<Situation, 'port'>,
  { tellsHeap = false } = {},
): Promise<MeasuredProcess> {
  const port = await freePort()
  const flags = tellsHeap ? TELL_HEAP : []
  const [program, args] = pinned(0, [process.execPath, ...flags, ...competitor.command({ ...situation, port })])
  const started = performance.now()
  const child = spawn(program, args, {
    cwd: projectRoot,
    env: { ...process.env, ...competitor.environment },
    stdio: ['ignore', 'ignore', 'inherit', ...(tellsHeap ? (['ipc'] as const) : [])],
  })
  try {
    await firstAnswer(port, child)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return {
    port,
    readyMs: performance.now() - started,
    cpuMs: () => readCpu(child.pid),
    residentMegabytes: () => readResident(child.pid),
    async heapMegabytes() {
      if (!tellsHeap) return null
      child.send('how much?')
      const [bytes] = await once(child, 'message')
      return Number(bytes) / 1024 / 1024
    },
    async close() {
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await ended
      clearTimeout(force)
    },
  }
}

async function firstAnswer(port: number, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS
  const body = JSON.stringify({ query: queries.small })
  while (performance.now() < deadline && child.exitCode === null) {
    try {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', headers, body })
      if ((await response.text()).startsWith('{"data":{"me":{')) return
    } catch {
      // not listening yet
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('it does not start')
}
