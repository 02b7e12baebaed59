import type { Logger } from '../log/logger.js'

export interface Sweeper {
  /** Waits for the sweep under way, then stops. */
  close(): Promise<void>
}

export interface SweeperOptions {
  readonly sweep: () => Promise<void>
  readonly everyMs: number
  readonly logger: Logger
  /** What to say where a sweep fails. */
  readonly failure: string
}

/** Sweeps again and again, never twice at once. A sweep that fails is logged, and the next one tries again. */
export function openSweeper({ sweep, everyMs, logger, failure }: SweeperOptions): Sweeper {
  let underway: Promise<void> | null = null
  const run = async () => {
    try {
      await sweep()
    } catch (error) {
      logger.warn({ err: error }, failure)
    } finally {
      underway = null
    }
  }
  const timer = setInterval(() => {
    underway ??= run()
  }, everyMs)
  return {
    async close() {
      clearInterval(timer)
      await underway
    },
  }
}
