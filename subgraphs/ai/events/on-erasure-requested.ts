import type { Bus, Consumer } from '../../../platform/bus/bus.js'
import type { Logger } from '../../../platform/log/logger.js'
import { answerErasures } from '../../../platform/personal-data/answer-erasures.js'
import { userErasureAcknowledged } from '../../../schema/contracts/user-erasure-acknowledged.js'
import { userErasureRequested } from '../../../schema/contracts/user-erasure-requested.js'
import type { AiPrisma } from '../persistence/ai-prisma.js'
import { personalData } from '../persistence/personal-data.js'

export interface OnErasureRequestedParts {
  readonly bus: Bus
  readonly logger: Logger
  readonly prisma: AiPrisma
  /** Called after a commit that wrote an event. */
  readonly wakeRelay: () => void
  readonly now: () => Date
}

const PATIENCE = { timeout: 20_000 } // it waits for whoever is writing about the person

/** Erases what a person has asked, and the answers. */
export function onErasureRequested({ prisma, wakeRelay, ...parts }: OnErasureRequestedParts): Promise<Consumer> {
  return answerErasures({
    ...parts,
    service: 'ai',
    requested: userErasureRequested,
    acknowledged: userErasureAcknowledged,
    plan: personalData,
    async transact(work) {
      await prisma.$transaction(work, PATIENCE)
      wakeRelay()
    },
  })
}
