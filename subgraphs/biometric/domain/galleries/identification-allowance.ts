import { AppError } from '../../../../platform/errors/app-error.js'

const MINUTE_MS = 60_000

export interface IdentificationCounts {
  /** Counts one more of a caller in a minute, named by its number since 1970. Returns how many there are now, of all replicas. */
  count(callerId: string, minute: number): Promise<number>
}

/**
 * Bounds how often a caller may search galleries: whoever tries all samples finds everybody. Throws RATE_LIMIT_EXCEEDED, saying
 * when the next minute begins.
 */
export function createIdentificationAllowance(counts: IdentificationCounts, most: number, now: () => Date) {
  return async (callerId: string): Promise<void> => {
    const at = now().getTime()
    const minute = Math.floor(at / MINUTE_MS)
    if ((await counts.count(callerId, minute)) <= most) return
    const retryAfterSeconds = Math.max(1, Math.ceil(((minute + 1) * MINUTE_MS - at) / 1_000))
    throw new AppError('RATE_LIMIT_EXCEEDED', {
      message: `You can search galleries ${most} times a minute: try again in ${retryAfterSeconds} s.`,
      retryAfterSeconds,
    })
  }
}
