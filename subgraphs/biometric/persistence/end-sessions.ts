import { writeToOutbox } from '../../../platform/bus/outbox.js'
import { openStates, type Step, type VerificationSession } from '../domain/verification-session.js'
import { progressEvent } from '../events/biometric-events.js'
import type { Transaction } from './biometric-prisma.js'
import { queueCallbacks } from './queue-callbacks.js'
import { toSession } from './session-rows.js'

interface Which {
  readonly id?: string | { readonly in: string[] }
  readonly recordId?: string
  readonly userId?: string
  readonly expiresAt?: { readonly lte: Date }
}

/**
 * Ends the open ones of these sessions and tells the step of each. The condition is checked by the update itself: a session
 * that another transaction ends first is left to it.
 */
export async function endSessions(
  transaction: Transaction,
  { recordId, ...which }: Which,
  step: Step,
  now: Date,
): Promise<VerificationSession[]> {
  const rows = await transaction.verificationSession.updateManyAndReturn({
    where: {
      ...which,
      ...(recordId !== undefined && { recordIds: { has: recordId } }),
      state: { in: [...openStates] },
    },
    data: { state: step.state, percent: step.percent, frameId: null, frameClaimedAt: null },
  })
  const sessions = rows.map(toSession)
  await writeToOutbox(transaction, ...sessions.map((session) => progressEvent(session, step, now)))
  await queueCallbacks(transaction, sessions, now)
  return sessions
}
