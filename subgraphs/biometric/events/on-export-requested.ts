import type { Consumer } from '../../../platform/bus/bus.js'
import { answerExports, exportPatience } from '../../../platform/personal-data/answer-exports.js'
import { userExportPart } from '../../../schema/contracts/user-export-part.js'
import { userExportRequested } from '../../../schema/contracts/user-export-requested.js'
import { exportPlan } from '../persistence/export-plan.js'
import type { OnErasureRequestedParts } from './on-erasure-requested.js'

/** Gives a person a copy of what biometric has of them, and of no template. */
export function onExportRequested(parts: OnErasureRequestedParts): Promise<Consumer> {
  return answerExports({
    ...parts,
    transact: (work) => parts.transact(work, exportPatience),
    service: 'biometric',
    requested: userExportRequested,
    part: userExportPart,
    plan: exportPlan,
  })
}
