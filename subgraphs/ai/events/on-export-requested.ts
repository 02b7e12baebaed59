import type { Consumer } from '../../../platform/bus/bus.js'
import { answerExports, exportPatience } from '../../../platform/personal-data/answer-exports.js'
import { userExportPart } from '../../../schema/contracts/user-export-part.js'
import { userExportRequested } from '../../../schema/contracts/user-export-requested.js'
import { exportPlan } from '../persistence/export-plan.js'
import type { OnErasureRequestedParts } from './on-erasure-requested.js'

/** Gives a person a copy of what they have asked, and of the answers. */
export function onExportRequested({ prisma, wakeRelay, ...parts }: OnErasureRequestedParts): Promise<Consumer> {
  return answerExports({
    ...parts,
    service: 'ai',
    requested: userExportRequested,
    part: userExportPart,
    plan: exportPlan,
    async transact(work) {
      await prisma.$transaction(work, exportPatience)
      wakeRelay()
    },
  })
}
