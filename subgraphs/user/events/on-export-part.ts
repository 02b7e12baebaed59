import { UnprocessableEventError, type Consumer } from '../../../platform/bus/bus.js'
import { consumeEvents } from '../../../platform/bus/consume-events.js'
import { userExportPart } from '../../../schema/contracts/user-export-part.js'
import { exportingServices } from '../domain/data-export.js'
import { tellOfExport, wholeAnswers } from '../persistence/prisma-data-exports.js'
import type { OnErasureRequestedParts } from './on-erasure-requested.js'

const services: ReadonlySet<string> = new Set(exportingServices)

/** Keeps the parts of an export that is gathering; those that come twice or too late change nothing. */
export function onExportPart({
  bus,
  logger,
  transact,
  now,
}: Omit<OnErasureRequestedParts, 'afterwards'>): Promise<Consumer> {
  return consumeEvents({
    bus,
    logger,
    name: 'user-export-parts',
    contract: userExportPart,
    async handle(part) {
      const { exportId, service, answerId } = part
      if (!services.has(service)) throw new UnprocessableEventError('A part of an export is of a service nobody asked.')
      await transact(async (transaction) => {
        await transaction.$queryRaw`SELECT 1 FROM data_exports WHERE id = ${exportId}::uuid FOR UPDATE`
        const isOpen = (await transaction.dataExport.count({ where: { id: exportId, state: 'GATHERING' } })) === 1
        if (!isOpen || (await wholeAnswers(transaction, exportId)).has(service)) return
        await transaction.dataExportPart.createMany({ data: [part], skipDuplicates: true })
        const isWhole = (await wholeAnswers(transaction, exportId)).get(service) === answerId
        if (isWhole) await tellOfExport(transaction, exportId, now())
      })
    },
  })
}
