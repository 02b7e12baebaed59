import type { Bus, Consumer } from '../../../platform/bus/bus.js'
import type { Logger } from '../../../platform/log/logger.js'
import { answerErasures } from '../../../platform/personal-data/answer-erasures.js'
import { userErasureAcknowledged } from '../../../schema/contracts/user-erasure-acknowledged.js'
import { userErasureRequested } from '../../../schema/contracts/user-erasure-requested.js'
import { steps } from '../domain/verification-session.js'
import type { Transact } from '../persistence/biometric-prisma.js'
import { endSessions } from '../persistence/end-sessions.js'
import { personalData } from '../persistence/personal-data.js'

export interface OnErasureRequestedParts {
  readonly bus: Bus
  readonly logger: Logger
  readonly transact: Transact
  readonly now: () => Date
}

/** Ends a person's verifications and destroys their key, their templates and all that was noted of their attempts. */
export function onErasureRequested(parts: OnErasureRequestedParts): Promise<Consumer> {
  return answerErasures({
    ...parts,
    service: 'biometric',
    requested: userErasureRequested,
    acknowledged: userErasureAcknowledged,
    plan: personalData,
    async before(transaction, userId, at) {
      // records before sessions, as everywhere
      await transaction.$queryRaw`SELECT 1 FROM biometric_records WHERE user_id = ${userId}::uuid FOR UPDATE`
      await endSessions(transaction, { userId }, steps.recordRetired, at)
    },
  })
}
