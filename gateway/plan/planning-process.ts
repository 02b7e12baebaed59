/**
 * Planning beside the event loop, in a process of its own. In: operations that may take long. Out: their plans, one after the
 * other. It refuses what takes too much time or memory, and what comes when too many wait already. A process and not a thread:
 * in a circle the planner fills one array, and V8 ends the process of a thread whose memory comes to an end in that.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { QueryPlan } from '@apollo/query-planner'
import { AppError } from '../../platform/errors/app-error.js'
import { forkedProgram } from '../../platform/service/forked-program.js'
import { noWay, refusedBy } from './planners.js'
import type { PlanningGround, PlanningOutcome, PlanningTask } from './planning-program.js'

export interface PlanningProcess {
  /**
   * Rejects with OperationRefused, with PLAN_NOT_FOUND, its cause PlanningGivenUp where another try would end alike, or with
   * RATE_LIMIT_EXCEEDED where too many wait.
   */
  plan(task: PlanningTask): Promise<QueryPlan>
  /** Gives up what is under way and what waits. */
  close(): Promise<void>
}

/** There may be a plan, but finding it takes more time or memory than one operation may have. */
export class PlanningGivenUp extends Error {
  constructor(reason: string) {
    super(`The planning was given up: ${reason}`)
    this.name = 'PlanningGivenUp'
  }
}

const MAXIMUM_WAITING = 16 // at five seconds each the last waits longer than most clients do
const IDLE_MS = 10_000 // a start takes half a second of processor time, staying 100 MB
const MAXIMUM_HEAP_MB = 384 // the planner of 1,000 types takes 64

export interface PlanningLimits {
  /** How long one operation may take. */
  readonly limitMs: number
  /** How much memory the process may have for JavaScript; 384 unless given. */
  readonly maximumHeapMb?: number
}

interface Running {
  readonly child: ChildProcess
  /** Rejects when it is gone. */
  readonly gone: Promise<never>
}

/** Nothing is started before there is something to plan. `sdl`: of the supergraph as the planner is to see it. */
export function createPlanningProcess(sdl: () => string, limits: PlanningLimits): PlanningProcess {
  let running: Running | null = null
  let idle: NodeJS.Timeout | undefined
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let closed = 0 // so often

  const end = async (): Promise<void> => {
    clearTimeout(idle)
    const ended = running
    running = null
    if (ended === null) return
    hold(ended.child)
    ended.child.kill('SIGKILL')
    await ended.gone.catch(() => undefined)
  }
  const outcomeOf = async (task: PlanningTask, era: number): Promise<PlanningOutcome> => {
    if (era !== closed) throw new AppError('PLAN_NOT_FOUND')
    clearTimeout(idle)
    const { child, gone } = (running ??= start(sdl(), limits))
    try {
      const answer = once(child, 'message')
      hold(child)
      child.send(task)
      const [outcome]: PlanningOutcome[] = await Promise.race([answer, gone])
      if (outcome === undefined || outcome.kind === 'OUT_OF_TIME')
        throw givenUp(`it had no end within ${limits.limitMs} ms.`)
      return outcome
    } catch (error) {
      await end() // it was stopped in the middle of something, or is no more
      throw error
    } finally {
      letGo(child)
      idle = setTimeout(() => void end(), IDLE_MS).unref()
    }
  }
  return {
    async plan(task) {
      if (waiting >= MAXIMUM_WAITING) throw new AppError('RATE_LIMIT_EXCEEDED')
      waiting += 1
      const era = closed
      const turn = last.then(() => outcomeOf(task, era)).finally(() => (waiting -= 1))
      last = turn.catch(() => undefined)
      const outcome = await turn
      if (outcome.kind === 'PLANNED') return outcome.queryPlan
      throw outcome.kind === 'REFUSED' ? refusedBy(outcome.messages) : noWay(outcome)
    },
    close() {
      closed += 1
      return end()
    },
  }
}

function start(sdl: string, { limitMs, maximumHeapMb = MAXIMUM_HEAP_MB }: PlanningLimits): Running {
  const { file, execArgv } = forkedProgram('gateway/plan/planning-program')
  const child = fork(file, [], {
    execArgv: [...execArgv, `--max-old-space-size=${maximumHeapMb}`],
    env: {}, // it needs none of the gateway's secrets
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  })
  const gone = goneOf(child)
  gone.catch(() => undefined) // it may go when nothing is asked of it
  const ground: PlanningGround = { sdl, limitMs }
  child.send(ground)
  return { child, gone }
}

function hold(child: ChildProcess): void {
  child.ref()
  child.channel?.ref()
}

/** Whoever has nothing else to do may end, and the process with them. */
function letGo(child: ChildProcess): void {
  child.unref()
  child.channel?.unref()
}

async function goneOf(child: ChildProcess): Promise<never> {
  const [code, signal]: (number | string | null)[] = await once(child, 'exit')
  if (signal !== null) throw givenUp(`its process was ended by ${signal}, maybe for the memory it took.`)
  throw new Error(`The planning process ended with ${code}.`)
}

function givenUp(reason: string): AppError {
  return new AppError('PLAN_NOT_FOUND', { cause: new PlanningGivenUp(reason) })
}
