import { steps, type Step } from './verification-session.js'

export interface OverdueVerifications {
  /** Ends up to `limit` open sessions whose time has run out, and tells the step of each. Replicas at it together share them. */
  expireOverdue(limit: number, step: Step, now: Date): Promise<number>
}

interface ExpiryParts {
  readonly verifications: OverdueVerifications
  readonly now: () => Date
}

const BATCH = 200 // keeps each transaction, and the locks it holds, short

/** Expires every overdue session and gives the number this process expired. */
export function createExpireOverdue({ verifications, now }: ExpiryParts) {
  return async (): Promise<number> => {
    const moment = now()
    let total = 0
    for (;;) {
      const expired = await verifications.expireOverdue(BATCH, steps.expired, moment)
      total += expired
      if (expired < BATCH) return total
    }
  }
}
