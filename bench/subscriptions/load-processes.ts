import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { z } from 'zod'
import { projectRoot } from '../../platform/service/project-root.js'
import type { LoadFigures } from './load-sockets.js'
import type { Way } from './open-stream.js'

const figures = z.object({
  delivered: z.number(),
  missed: z.number(),
  twice: z.number(),
  lost: z.number(),
  live: z.number(),
})
const told = z.discriminatedUnion('told', [
  z.object({ told: z.literal('delivered'), total: z.number() }),
  z.object({ told: z.literal('done') }),
  z.object({ told: z.literal('failed'), why: z.string() }),
  z.object({ told: z.literal('samples'), samples: z.array(z.number()) }),
  z.object({ told: z.literal('figures'), figures }),
])
type Told = z.output<typeof told>

/** All clients of one run, spread over processes. */
export interface LoadProcesses {
  /** Deliveries so far, as last told. */
  delivered(): number
  /** Resolves when something was delivered since the call. */
  moved(): Promise<void>
  figures(): Promise<LoadFigures>
  /** Begins or ends noting how long deliveries take; gives what was noted. */
  sample(on: boolean): Promise<number[]>
  close(): Promise<void>
}

export interface LoadOptions {
  readonly port: number
  readonly way: Way
  readonly sockets: number
  readonly processes: number
}

/** Opens so many sockets to a port. Throws when one can't be opened. */
export async function openLoad({ port, way, sockets, processes }: LoadOptions): Promise<LoadProcesses> {
  const share = Math.ceil(sockets / processes)
  const children = Array.from({ length: processes }, () => startLoad())
  const totals = children.map(() => 0)
  const waiting: (() => void)[] = []
  children.forEach(({ child }, index) =>
    child.on('message', (message) => {
      const said = told.parse(message)
      if (said.told !== 'delivered') return
      totals[index] = said.total
      for (const resolve of waiting.splice(0)) resolve()
    }),
  )
  const askAll = (order: unknown) => Promise.all(children.map(({ ask }) => ask(order)))
  const close = async () => {
    await Promise.all(children.map(({ child }) => (child.kill('SIGKILL'), once(child, 'exit'))))
  }
  try {
    await Promise.all(
      children.map(({ ask }, index) =>
        ask({ do: 'open', port, way, from: index * share, count: Math.min(share, sockets - index * share) }),
      ),
    )
  } catch (error) {
    await close()
    throw error
  }
  return {
    delivered: () => totals.reduce((sum, total) => sum + total, 0),
    moved: () => new Promise((resolve) => waiting.push(resolve)),
    async figures() {
      const all = (await askAll({ do: 'figures' })).flatMap((said) => (said.told === 'figures' ? [said.figures] : []))
      const sum = (key: keyof LoadFigures) => all.reduce((total, each) => total + each[key], 0)
      return {
        delivered: sum('delivered'),
        missed: sum('missed'),
        twice: sum('twice'),
        lost: sum('lost'),
        live: sum('live'),
      }
    },
    async sample(on) {
      return (await askAll({ do: 'sample', on })).flatMap((said) => (said.told === 'samples' ? said.samples : []))
    },
    close,
  }
}

function startLoad(): { readonly child: ChildProcess; ask(order: unknown): Promise<Told> } {
  const child = fork(path.join(projectRoot, 'bench/subscriptions/load-process.ts'), {
    cwd: projectRoot,
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced', // a hundred thousand samples as JSON would take its time
  })
  const answers: { resolve(said: Told): void; reject(error: Error): void }[] = []
  child.on('message', (message) => {
    const said = told.parse(message)
    if (said.told === 'delivered') return
    const answer = answers.shift()
    if (said.told === 'failed') answer?.reject(new Error(said.why))
    else answer?.resolve(said)
  })
  child.once('exit', () => answers.splice(0).forEach(({ reject }) => reject(new Error('A client process ended.'))))
  return {
    child,
    ask: (order) =>
      new Promise((resolve, reject) => {
        answers.push({ resolve, reject })
        child.send(Object(order))
      }),
  }
}
