import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import path from 'node:path'
import { projectRoot } from '../platform/service/project-root.js'

export interface BenchChild {
  /** The first line it printed, parsed. */
  readonly ready: unknown
  close(): Promise<void>
}

/** Starts a TypeScript program of this project in a process of its own and waits for its first line of JSON. */
export async function startChild(
  program: string,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<BenchChild> {
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(projectRoot, program), ...args], {
    cwd: projectRoot,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${program} ended before it was ready.`)
  })
  ended.catch(() => undefined) // it always ends at last
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), ended])
  return {
    ready: JSON.parse(String(line)),
    async close() {
      if (child.exitCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}
