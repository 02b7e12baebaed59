import type { Consumer } from '../../../platform/bus/bus.js'
import { consumeEvents } from '../../../platform/bus/consume-events.js'
import { claimOnce } from '../../../platform/bus/inbox.js'
import { isErased } from '../../../platform/personal-data/erased-people.js'
import { profileAdministered } from '../../../schema/contracts/profile-administered.js'
import { nobody } from '../persistence/prisma-sessions.js'
import type { OnErasureRequestedParts } from './on-erasure-requested.js'

const name = 'auth-administered-profiles'

/** Writes down what administrators did to profiles, which another service keeps; about somebody who was erased, nothing. */
export function onProfileAdministered({
  bus,
  logger,
  prisma,
  audit,
}: Pick<OnErasureRequestedParts, 'bus' | 'logger' | 'prisma' | 'audit'>): Promise<Consumer> {
  return consumeEvents({
    bus,
    logger,
    name,
    contract: profileAdministered,
    async handle({ userId, administratorId, act, fields }, { id, occurredAt }) {
      await prisma.$transaction(async (transaction) => {
        if (!(await claimOnce(transaction, name, id)) || (await isErased(transaction, userId))) return
        const actor = (await isErased(transaction, administratorId)) ? nobody : { ...nobody, userId: administratorId }
        const fact = { action: `profile.${act}`, actor, subjectId: userId, details: { fields } } as const
        await audit.write(transaction, new Date(occurredAt), fact)
      })
    },
  })
}
