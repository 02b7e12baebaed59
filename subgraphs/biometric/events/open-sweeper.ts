import type { Logger } from '../../../platform/log/logger.js'

export interface Sweeper {
  /** Waits for the sweep under way, then stops. */
  close(): Promise<void>
}

interface SweeperOptions {
  readonly sweep: () => Promise<number>
  readonly everyMs: number
  readonly logger: Logger
}

/** Sweeps again and again, never twice at once. A sweep that fails is logged, and the next one tries again. */
export function openSweeper({ sweep, everyMs, logger }: SweeperOptions): Sweeper {
  let underway: Promise<void> | null = null
  const run = async () => {
    try {
      const expired = await sweep()
      if (expired > 0) logger.info({ expired }, 'verifications ran out of time')
    } catch (error) {
      logger.warn({ err: error }, 'overdue verifications could not be ended just now')
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
