import { isOverdue, steps, type Step, type VerificationSession } from './verification-session.js'

export interface ReadableVerifications {
  /** Those of the ids that are the user's, or anybody's where null is asked for, in any order. */
  find(ids: readonly string[], userId: string | null): Promise<readonly VerificationSession[]>
  /** Ends the session and tells the step, if it is still open and overdue; one that another ended first is left alone. */
  expire(id: string, step: Step, now: Date): Promise<void>
}

interface ReadParts {
  readonly verifications: ReadableVerifications
  readonly now: () => Date
}

/** Reads a user's sessions, or with null anybody's, as they stand now: one whose time has run out is expired on the way, whoever looks first. */
export function createReadVerifications({ verifications, now }: ReadParts) {
  return async (ids: readonly string[], userId: string | null): Promise<readonly VerificationSession[]> => {
    const found = await verifications.find(ids, userId)
    const moment = now()
    const overdue = found.filter((session) => isOverdue(session, moment))
    if (overdue.length === 0) return found
    await Promise.all(overdue.map(({ id }) => verifications.expire(id, steps.expired, moment)))
    return verifications.find(ids, userId)
  }
}
