import type { Consumer } from '../../../platform/bus/bus.js'
import { consumeEvents } from '../../../platform/bus/consume-events.js'
import { claimOnce } from '../../../platform/bus/inbox.js'
import { isErased } from '../../../platform/personal-data/erased-people.js'
import { consentChanged } from '../../../schema/contracts/consent-changed.js'
import { noteConsent } from '../persistence/prisma-consents.js'
import type { OnErasureRequestedParts } from './on-erasure-requested.js'

const name = 'ai-consents'

/** Keeps who agrees to have models asked; of whoever withdraws it nothing more is sent to one. */
export function onConsentChanged({
  bus,
  logger,
  prisma,
  wakeRelay,
}: Omit<OnErasureRequestedParts, 'now'>): Promise<Consumer> {
  return consumeEvents({
    bus,
    logger,
    name,
    contract: consentChanged,
    async handle({ userId, kind, version, given }, { id, occurredAt }) {
      if (kind !== 'AI') return
      await prisma.$transaction(async (transaction) => {
        if (!(await claimOnce(transaction, name, id)) || (await isErased(transaction, userId))) return
        await noteConsent(transaction, { userId, version, given, at: new Date(occurredAt) })
      })
      wakeRelay()
    },
  })
}
