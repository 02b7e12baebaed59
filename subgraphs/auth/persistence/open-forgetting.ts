import type { Logger } from '../../../platform/log/logger.js'

export interface Forgetting {
  /** Ends after the batch under way. */
  close(): Promise<void>
}

const EVERY_MS = 3_600_000

/** Forgets what is old once an hour, batch after batch; a database that is away is asked again an hour later. */
export function openForgetting(forget: () => Promise<number>, logger: Logger, everyMs = EVERY_MS): Forgetting {
  let closed = false
  let working: Promise<void> = Promise.resolve()
  const work = async () => {
    try {
      while (!closed && (await forget()) > 0);
    } catch (error) {
      logger.warn({ err: error }, 'what is old could not be forgotten; it is tried again later')
    }
  }
  const timer = setInterval(() => (working = working.then(work)), everyMs)
  timer.unref()
  return {
    async close() {
      closed = true
      clearInterval(timer)
      await working
    },
  }
}
