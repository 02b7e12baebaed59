import type { Consumer } from '../../../platform/bus/bus.js'
import { consumeEvents } from '../../../platform/bus/consume-events.js'
import { claimOnce } from '../../../platform/bus/inbox.js'
import { isErased } from '../../../platform/personal-data/erased-people.js'
import { dataExportAccessed } from '../../../schema/contracts/data-export-accessed.js'
import { nobody } from '../persistence/prisma-sessions.js'
import type { OnErasureRequestedParts } from './on-erasure-requested.js'

const name = 'auth-accessed-exports'

/** Writes down that somebody made a link to their data, and that it was used, by whoever had it. */
export function onDataExportAccessed({
  bus,
  logger,
  prisma,
  audit,
}: Pick<OnErasureRequestedParts, 'bus' | 'logger' | 'prisma' | 'audit'>): Promise<Consumer> {
  return consumeEvents({
    bus,
    logger,
    name,
    contract: dataExportAccessed,
    async handle({ exportId, userId, act }, { id, occurredAt }) {
      await prisma.$transaction(async (transaction) => {
        if (!(await claimOnce(transaction, name, id)) || (await isErased(transaction, userId))) return
        const isOwner = act === 'link-created'
        await audit.write(transaction, new Date(occurredAt), {
          action: isOwner ? 'data.export-link-created' : 'data.export-downloaded',
          actor: isOwner ? { ...nobody, userId } : nobody,
          subjectId: userId,
          details: { exportId },
        })
      })
    },
  })
}
