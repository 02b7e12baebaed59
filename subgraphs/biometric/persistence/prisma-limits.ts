import { writeToOutbox } from '../../../platform/bus/outbox.js'
import type { LiftableLimits } from '../domain/lift-limits.js'
import { administeredEvent } from '../events/biometric-events.js'
import type { Transact } from './biometric-prisma.js'
import { liftLimits } from './prisma-failure-counters.js'

export function createPrismaLimits(transact: Transact): LiftableLimits {
  return {
    lift: (userId, administratorId, now) =>
      transact(async (transaction) => {
        if (!(await liftLimits(transaction, userId))) return false
        await writeToOutbox(
          transaction,
          administeredEvent({ act: 'limits-lifted', subjectId: userId, administratorId }, now),
        )
        return true
      }),
  }
}
