import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { projectRoot } from '../../platform/service/project-root.js'

export interface ProgramOptions {
  readonly name: string
  /** The folder that is /app in a container. */
  readonly folder: string
  /** What the image's entry point is given. */
  readonly command: readonly string[]
  /** All of it but what the image sets: nothing is handed on from here. */
  readonly environment: Readonly<Record<string, string>>
  readonly port: number
}

/** One process as a container of the image runs it. */
export interface Program {
  /** Resolves when it is ready; throws with its last words when it ends before. */
  start(): Promise<void>
  kill(): Promise<void>
  /** One it lives on after. */
  signal(signal: NodeJS.Signals): void
  /** SIGTERM; throws when it does not end within 35 s with exit code 0. Nothing when it does not run. */
  stop(): Promise<void>
  /** What the image's health check says. */
  isHealthy(): Promise<boolean>
  written(): string
}

const START_MS = 60_000
const STOP_MS = 35_000 // stop_grace_period

const image = readImage()

export function createProgram({ name, folder, command, environment, port }: ProgramOptions): Program {
  const chunks: string[] = []
  let child: ChildProcess | undefined
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null
  const end = async (signal: NodeJS.Signals): Promise<ChildProcess | undefined> => {
    if (child === undefined || !isRunning()) return undefined
    const ended = once(child, 'close')
    child.kill(signal)
    const late = setTimeout(() => child?.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(late)
    return child
  }
  const killNow = () => void child?.kill('SIGKILL')
  process.once('exit', killNow)
  return {
    async start() {
      child = spawn(process.execPath, [...image.nodeOptions, ...command], {
        cwd: folder,
        env: { ...image.environment, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      for (const stream of [child.stdout, child.stderr])
        stream?.setEncoding('utf8').on('data', (text) => chunks.push(text))
      const deadline = Date.now() + START_MS
      while (!(await isReady(port))) {
        if (!isRunning()) throw new Error(`${name} ended instead of listening: ${chunks.join('').slice(-2_000)}`)
        if (Date.now() > deadline) throw new Error(`${name} was not ready in time: ${chunks.join('').slice(-2_000)}`)
        await delay(25)
      }
    },
    async kill() {
      await end('SIGKILL')
    },
    signal: (signal) => void child?.kill(signal),
    async stop() {
      process.off('exit', killNow)
      const ended = await end('SIGTERM')
      if (ended === undefined || ended.exitCode === 0) return
      const how = ended.signalCode ?? `exit code ${ended.exitCode}`
      throw new Error(`${name} did not stop in order but with ${how}: ${chunks.join('').slice(-2_000)}`)
    },
    isHealthy: () =>
      new Promise((resolve) => {
        const check = [path.join('scripts', 'check-health.mjs'), String(port), '/ready']
        execFile(process.execPath, check, { cwd: folder }, (error) => resolve(error === null))
      }),
    written: () => chunks.join(''),
  }
}

async function isReady(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined)
  await response?.body?.cancel()
  return response?.ok === true
}

/** What the last stage of the Dockerfile gives every process. */
function readImage(): { readonly nodeOptions: readonly string[]; readonly environment: Record<string, string> } {
  const stage =
    readFileSync(path.join(projectRoot, 'Dockerfile'), 'utf8')
      .split(/^FROM /m)
      .at(-1) ?? ''
  const [, entryPoint = '[]'] = /^ENTRYPOINT (.+)$/m.exec(stage) ?? []
  const [program, ...nodeOptions] = z.array(z.string()).parse(JSON.parse(entryPoint))
  if (program !== 'node') throw new Error('The image does not start Node.')
  const variables = [...stage.matchAll(/^ENV ([A-Z_]+)=(\S+)$/gm)].map(([, name = '', value = '']) => [name, value])
  return { nodeOptions, environment: Object.fromEntries(variables) }
}
