import type { Consumer } from '../../../platform/bus/bus.js'
import { consumeEvents } from '../../../platform/bus/consume-events.js'
import { claimOnce } from '../../../platform/bus/inbox.js'
import { userErasureAcknowledged } from '../../../schema/contracts/user-erasure-acknowledged.js'
import { acknowledge } from '../persistence/prisma-erasures.js'
import type { OnErasureRequestedParts } from './on-erasure-requested.js'

const name = 'user-erasure-answers'

/** Counts the answers of the services, and asks the next when it is their turn. */
export function onErasureAcknowledged({
  bus,
  logger,
  transact,
  now,
}: Omit<OnErasureRequestedParts, 'afterwards'>): Promise<Consumer> {
  return consumeEvents({
    bus,
    logger,
    name,
    contract: userErasureAcknowledged,
    handle: (answer, { id }) =>
      transact(async (transaction) => {
        if (await claimOnce(transaction, name, id)) await acknowledge(transaction, answer, now())
      }),
  })
}
