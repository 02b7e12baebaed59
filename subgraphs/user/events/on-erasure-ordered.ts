import type { Consumer } from '../../../platform/bus/bus.js'
import { consumeEvents } from '../../../platform/bus/consume-events.js'
import { claimOnce } from '../../../platform/bus/inbox.js'
import { userErasureOrdered } from '../../../schema/contracts/user-erasure-ordered.js'
import { openOrdered } from '../persistence/prisma-erasures.js'
import type { OnErasureRequestedParts } from './on-erasure-requested.js'

const name = 'user-erasure-orders'

/** Begins the erasure of somebody whom an administrator has erased. */
export function onErasureOrdered({
  bus,
  logger,
  transact,
  now,
}: Omit<OnErasureRequestedParts, 'afterwards'>): Promise<Consumer> {
  return consumeEvents({
    bus,
    logger,
    name,
    contract: userErasureOrdered,
    handle: ({ erasureId, userId, receiptFingerprint }, { id: eventId }) =>
      transact(async (transaction) => {
        if (!(await claimOnce(transaction, name, eventId))) return
        const fingerprint = new Uint8Array(Buffer.from(receiptFingerprint, 'hex'))
        await openOrdered(transaction, { id: erasureId, userId, receiptFingerprint: fingerprint }, now())
      }),
  })
}
