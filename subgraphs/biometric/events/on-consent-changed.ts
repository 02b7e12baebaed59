import type { Consumer } from '../../../platform/bus/bus.js'
import { consumeEvents } from '../../../platform/bus/consume-events.js'
import { claimOnce } from '../../../platform/bus/inbox.js'
import { isErased } from '../../../platform/personal-data/erased-people.js'
import { consentChanged } from '../../../schema/contracts/consent-changed.js'
import { noteConsent } from '../persistence/prisma-consents.js'
import type { OnErasureRequestedParts } from './on-erasure-requested.js'

const name = 'biometric-consents'

/** Keeps who agrees to be measured; whoever withdraws it has everything destroyed that they enrolled. */
export function onConsentChanged({ bus, logger, transact }: Omit<OnErasureRequestedParts, 'now'>): Promise<Consumer> {
  return consumeEvents({
    bus,
    logger,
    name,
    contract: consentChanged,
    async handle({ userId, kind, version, given }, { id, occurredAt }) {
      if (kind !== 'BIOMETRIC') return
      await transact(async (transaction) => {
        if (!(await claimOnce(transaction, name, id)) || (await isErased(transaction, userId))) return
        await noteConsent(transaction, { userId, version, given, at: new Date(occurredAt) })
      })
    },
  })
}
