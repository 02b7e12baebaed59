import type { Consumer } from '../../../platform/bus/bus.js'
import { consumeEvents } from '../../../platform/bus/consume-events.js'
import { claimOnce } from '../../../platform/bus/inbox.js'
import { isErased } from '../../../platform/personal-data/erased-people.js'
import { biometricAdministered } from '../../../schema/contracts/biometric-administered.js'
import { nobody } from '../persistence/prisma-sessions.js'
import type { OnErasureRequestedParts } from './on-erasure-requested.js'

const name = 'auth-administered-biometrics'

/** Writes down what was done to devices, webhooks and limits, which another service keeps; about somebody who was erased, nothing. */
export function onBiometricAdministered({
  bus,
  logger,
  prisma,
  audit,
}: Pick<OnErasureRequestedParts, 'bus' | 'logger' | 'prisma' | 'audit'>): Promise<Consumer> {
  return consumeEvents({
    bus,
    logger,
    name,
    contract: biometricAdministered,
    async handle({ act, subjectId, administratorId }, { id, occurredAt }) {
      await prisma.$transaction(async (transaction) => {
        if (!(await claimOnce(transaction, name, id)) || (await isErased(transaction, subjectId))) return
        const isKnown = administratorId !== null && !(await isErased(transaction, administratorId))
        const actor = isKnown ? { ...nobody, userId: administratorId } : nobody
        await audit.write(transaction, new Date(occurredAt), { action: `biometric.${act}`, actor, subjectId })
      })
    },
  })
}
