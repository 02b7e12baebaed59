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
  which: Which,
  { state, percent, message }: Step,
  now: Date,
): Promise<VerificationSession[]> {
  const rows = await transaction.verificationSession.updateManyAndReturn({
    where: { ...which, state: { in: [...openStates] } },
    data: { state, percent, frameId: null, frameClaimedAt: null },
  })
  const sessions = rows.map(toSession)
  await writeToOutbox(transaction, ...sessions.map((session) => progressEvent(session, message, now)))
  await queueCallbacks(transaction, sessions, now)
  return sessions
}
