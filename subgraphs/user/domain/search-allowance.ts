import { AppError } from '../../../platform/errors/app-error.js'

/** Searches a person may make in a minute, however many of them stand in one request. */
export const SEARCHES_A_MINUTE = 60

const MINUTE_MS = 60_000

export interface SearchCounts {
  /** Counts one more search of a person in a minute, named by its number since 1970. Returns how many there are now, of all replicas. */
  count(userId: string, minute: number): Promise<number>
}

export interface SearchAllowance {
  /** To be called before a search. Throws RATE_LIMIT_EXCEEDED, saying when the next minute begins. */
  claim(userId: string): Promise<void>
}

/** Bounds how often a person looks for others: who goes through all names finds everybody. */
export function createSearchAllowance(counts: SearchCounts, now: () => Date): SearchAllowance {
  return {
    async claim(userId) {
      const at = now().getTime()
      const minute = Math.floor(at / MINUTE_MS)
      if ((await counts.count(userId, minute)) <= SEARCHES_A_MINUTE) return
      const retryAfterSeconds = Math.max(1, Math.ceil(((minute + 1) * MINUTE_MS - at) / 1_000))
      throw new AppError('RATE_LIMIT_EXCEEDED', {
        message: `You can search ${SEARCHES_A_MINUTE} times a minute: try again in ${retryAfterSeconds} s.`,
        retryAfterSeconds,
      })
    },
  }
}
