import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import path from 'node:path'
import { freePort } from '../../platform/service/free-port.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { pinned, readCpu } from '../process-figures.js'
import { readMemory, type Memory } from './read-memory.js'

export const serverNames = ['gateway', 'broadcast', 'stock'] as const
export type ServerName = (typeof serverNames)[number]

/** Where everything stands that a server needs. */
export interface Place {
  readonly natsUrl: string
  readonly thingsUrl: string
  readonly supergraph: string
}

export interface FanOutServer {
  readonly port: number
  /** Processor time so far, in milliseconds. */
  cpuMs(): number
  /** After a full collection. */
  memory(): Promise<Memory>
  /** SIGKILL. */
  kill(): Promise<void>
}

const FLAGS = ['--max-semi-space-size=32'] // that of `npm run gateway`
const CURSOR_KEY = Buffer.alloc(32, 7).toString('base64')
const INSPECTOR = /^(Debugger|For help, see: https:\/\/nodejs)/ // what `readMemory` makes Node say
const START_LIMIT_MS = 60_000

function commandOf(name: ServerName, port: number, place: Place): readonly string[] {
  if (name === 'gateway')
    return [path.join(projectRoot, 'dist/start-gateway.mjs'), '--supergraph', place.supergraph, '--port', `${port}`]
  const { natsUrl, thingsUrl } = place
  const program = path.join(projectRoot, `bench/subscriptions/${name}-process.ts`)
  return ['--import', 'tsx', program, JSON.stringify({ port, natsUrl, thingsUrl })]
}

/** Starts a server on core 0, and on a port of its own unless given. Throws when it does not answer within a minute. */
export async function startFanOutServer(name: ServerName, place: Place, wanted?: number): Promise<FanOutServer> {
  const port = wanted ?? (await freePort())
  const inspectPort = await freePort()
  const flags = [...FLAGS, `--inspect-port=127.0.0.1:${inspectPort}`]
  const [program, args] = pinned(0, [process.execPath, ...flags, ...commandOf(name, port, place)])
  const child = spawn(program, args, {
    cwd: projectRoot,
    env: {
      ...process.env,
      NODE_ENV: 'production',
      LOG_LEVEL: 'error',
      GATEWAY_HOST: '127.0.0.1',
      NATS_URL: place.natsUrl,
      GATEWAY_CURSOR_KEYS: CURSOR_KEY,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  createInterface(child.stderr).on('line', (line) => INSPECTOR.test(line) || console.error(line))
  const deadline = performance.now() + START_LIMIT_MS
  while (!(await isReady(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`${name} does not start.`)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    port,
    cpuMs: () => readCpu(child.pid) ?? NaN,
    memory: () => readMemory(child.pid ?? 0, inspectPort),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function isReady(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined)
  await response?.body?.cancel()
  return response?.ok === true
}
