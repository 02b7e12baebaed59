/** Where requests are found that nobody works on. */
export interface LostWorkFinder {
  /**
   * Announces again, at most `limit` at a time, what was announced before `announcedBefore` and still waits, and what a worker
   * held by a lease that has run out; the latter is QUEUED again. How many.
   */
  announceAgain(announcedBefore: Date, limit: number): Promise<number>
}

export interface FindLostWorkParts {
  readonly finder: LostWorkFinder
  readonly now: () => Date
}

/** `everything`: whatever waits, however lately it was announced; for a start, when the bus may have forgotten it. */
export type FindLostWork = (options: { readonly everything: boolean }) => Promise<number>

const PATIENCE_MS = 300_000 // under load a request waits for minutes without being lost; a second announcement is harmless
const AT_A_TIME = 100

/** Looks for requests that nobody works on and announces them again; how many there were. */
export function createFindLostWork({ finder, now }: FindLostWorkParts): FindLostWork {
  return async ({ everything }) => {
    const announcedBefore = new Date(now().getTime() - (everything ? 0 : PATIENCE_MS))
    let count = 0
    let found: number
    do {
      found = await finder.announceAgain(announcedBefore, AT_A_TIME)
      count += found
    } while (found === AT_A_TIME)
    return count
  }
}
