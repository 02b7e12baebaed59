/**
 * Comparisons in worker threads. In: tasks, at most so many under way or waiting at once. Out: their answers. It refuses what
 * would wait too long, with the seconds after which to come again; a task whose worker died is done once more by another.
 */
import { Piscina } from 'piscina'
import { AppError } from '../../../platform/errors/app-error.js'
import { systemErrorCode } from '../../../platform/errors/system-error-code.js'
import type { MatchTask } from './match-task.js'
import { workerFile, type WorkerFile } from './worker-file.js'

export interface MatchPoolOptions {
  /** Workers; a core each. */
  readonly threads: number
  /** Tasks under way and waiting, together. */
  readonly places: number
  /** A task that takes longer is given up, and its worker with it. */
  readonly deadlineMs: number
  /** The workers' code; the matcher's unless given. */
  readonly file?: WorkerFile
}

export interface MatchPool {
  readonly threads: number
  /** Throws RATE_LIMIT_EXCEEDED with the seconds to wait where every place is taken: for callers that can still turn back. */
  requireRoom(): void
  /**
   * Throws what the task throws; RATE_LIMIT_EXCEEDED as `requireRoom`, and INT_EXTERNAL_SERVICE_ERROR where two workers died
   * over it or its time ran out.
   */
  run(task: MatchTask): Promise<unknown>
  /** Ends the workers; tasks under way are given up. */
  close(): Promise<void>
}

/** Makes no thread before there is a task. */
export function createMatchPool({ threads, places, deadlineMs, file }: MatchPoolOptions): MatchPool {
  let pool: Piscina | null = null
  let taken = 0
  let taskMs = 1 // a first guess; every task corrects it
  const requireRoom = () => {
    if (taken < places) return
    const retryAfterSeconds = Math.max(1, Math.ceil((taken * taskMs) / threads / 1000))
    throw new AppError('RATE_LIMIT_EXCEEDED', {
      message: `Too many comparisons are under way: try again in ${retryAfterSeconds} s.`,
      retryAfterSeconds,
    })
  }
  const once = async (task: MatchTask): Promise<unknown> => {
    pool ??= openThreads(threads, file ?? workerFile())
    const started = performance.now()
    const answer: unknown = await pool.run(task, { signal: AbortSignal.timeout(deadlineMs) })
    taskMs = 0.9 * taskMs + 0.1 * (performance.now() - started)
    return answer
  }
  return {
    threads,
    requireRoom,
    async run(task) {
      requireRoom()
      taken += 1
      try {
        return await once(task).catch((error: unknown) => {
          if (!isDeath(error)) throw error
          return once(task)
        })
      } catch (error) {
        if (!isDeath(error) && !isTimeout(error)) throw error
        throw new AppError('INT_EXTERNAL_SERVICE_ERROR', {
          message: 'The samples could not be compared just now: try again shortly.',
          cause: error,
        })
      } finally {
        taken -= 1
      }
    },
    async close() {
      await pool?.destroy()
      pool = null
    },
  }
}

const WORKER_HEAP_MB = 256 // a worker that runs away dies alone, and not the process

function openThreads(threads: number, { filename, execArgv }: WorkerFile): Piscina {
  const pool = new Piscina({
    filename,
    name: 'match',
    execArgv: [...execArgv],
    minThreads: threads, // one that dies is replaced at once, so that what waits is taken up
    maxThreads: threads,
    env: {}, // the process's own has keys in it
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
    atomics: 'disabled', // a thread that blocks on them can't be told to end
  })
  pool.on('error', () => undefined) // a worker that died at rest; there is another already
  return pool
}

/** The thread ended beneath the task; a task's own faults come as they were thrown. */
function isDeath(error: unknown): boolean {
  if (systemErrorCode(error) === 'ERR_WORKER_OUT_OF_MEMORY') return true
  return error instanceof Error && error.message.startsWith('worker exited with code')
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
