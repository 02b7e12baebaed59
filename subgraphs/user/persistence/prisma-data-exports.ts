import { writeToOutbox } from '../../../platform/bus/outbox.js'
import { exportPublicKey } from '../../../platform/personal-data/sealed-parts.js'
import { exportingServices, type DataExport } from '../domain/data-export.js'
import type { DataExports } from '../domain/export-data.js'
import { dataExportProgressEvent, exportAccessedEvent, exportRequestedEvent } from '../events/data-export-events.js'
import type { Transact } from './transact.js'
import type { UserPrisma, UserTransaction } from './user-prisma.js'

const shown = {
  id: true,
  userId: true,
  state: true,
  requestedAt: true,
  endedAt: true,
  expiresAt: true,
  archiveBytes: true,
} as const

/** Exports in Postgres: a step and the events of it are one transaction. */
export function createPrismaDataExports(prisma: UserPrisma, transact: Transact): DataExports {
  return {
    open: ({ requestedAt, ...wanted }, most) =>
      transact(async (transaction) => {
        const { userId } = wanted
        await transaction.$executeRaw`
          SELECT pg_advisory_xact_lock(hashtextextended('exports of ' || ${userId}::text, hashtext(current_schema())))`
        if ((await transaction.dataExport.count({ where: { userId, state: 'GATHERING' } })) > 0) return 'under-way'
        const recent = await transaction.dataExport.findMany({
          where: { userId, requestedAt: { gt: most.since } },
          orderBy: { requestedAt: 'desc' },
          take: most.count,
          select: { requestedAt: true },
        })
        const oldest = recent[most.count - 1]
        if (oldest !== undefined) return { oldest: oldest.requestedAt }
        const data = { ...wanted, requestedAt, askedAt: requestedAt, state: 'GATHERING' as const }
        await transaction.dataExport.create({ data })
        return askForExport(transaction, wanted.id, exportingServices, requestedAt)
      }),
    find: (id, userId) => findDataExport(prisma, { id, userId }),
    link: (id, userId, { fingerprint, at, expiresAt }) =>
      transact(async (transaction) => {
        const { count } = await transaction.dataExport.updateMany({
          where: { id, userId, state: 'READY', expiresAt: { gt: at } },
          data: { linkFingerprint: fingerprint, linkExpiresAt: expiresAt },
        })
        if (count === 1) await writeToOutbox(transaction, exportAccessedEvent({ id, userId }, 'link-created', at))
        return count === 1
      }),
    take: (fingerprint, at) =>
      transact(async (transaction) => {
        // whoever comes second waits for the row, and finds that it has no such link any more
        const [taken] = await transaction.dataExport.updateManyAndReturn({
          where: { linkFingerprint: fingerprint, linkExpiresAt: { gt: at }, state: 'READY', expiresAt: { gt: at } },
          data: { linkFingerprint: null, linkExpiresAt: null, downloadedAt: at },
          select: { id: true, userId: true, archiveBytes: true },
        })
        if (taken === undefined || taken.archiveBytes === null) return null
        await writeToOutbox(transaction, exportAccessedEvent(taken, 'downloaded', at))
        return { id: taken.id, bytes: taken.archiveBytes }
      }),
    async piece(exportId, number) {
      const where = { exportId_number: { exportId, number } }
      return (await prisma.dataExportPiece.findUnique({ where, select: { sealed: true } }))?.sealed ?? null
    },
  }
}

/** One export as it is shown. */
export async function findDataExport(
  prisma: Pick<UserTransaction, 'dataExport' | '$queryRaw'>,
  where: { readonly id: string; readonly userId?: string },
): Promise<DataExport | null> {
  const row = await prisma.dataExport.findFirst({ where, select: shown })
  if (row === null) return null
  const { archiveBytes: bytes, ...rest } = row
  const answered = row.state === 'GATHERING' ? (await wholeAnswers(prisma, row.id)).size : exportingServices.length
  return { ...rest, bytes, answered }
}

/** By service, the id of an answer of which all parts are there. */
export async function wholeAnswers(
  prisma: Pick<UserTransaction, '$queryRaw'>,
  exportId: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await prisma.$queryRaw<{ readonly service: string; readonly answer: string }[]>`
    SELECT service, min(answer_id::text) AS answer FROM (
      SELECT service, answer_id FROM data_export_parts WHERE export_id = ${exportId}::uuid
      GROUP BY service, answer_id HAVING count(*) = max(total) AND max(number) = max(total)
    ) AS whole GROUP BY service`
  return new Map(rows.map(({ service, answer }) => [service, answer]))
}

/** Asks services, for the first time or again, and tells how far the export is. */
export async function askForExport(
  transaction: UserTransaction,
  id: string,
  services: readonly string[],
  at: Date,
): Promise<DataExport> {
  const row = await transaction.dataExport.update({ where: { id }, data: { askedAt: at } })
  const publicKey = exportPublicKey.parse(row.publicKey)
  await writeToOutbox(transaction, exportRequestedEvent({ id, userId: row.userId, publicKey }, services, at))
  return tellOfExport(transaction, id, at)
}

/** A step, for whoever follows the export. */
export async function tellOfExport(transaction: UserTransaction, id: string, at: Date): Promise<DataExport> {
  const found = await findDataExport(transaction, { id })
  if (found === null) throw new Error('An export that is told of is gone.')
  await writeToOutbox(transaction, dataExportProgressEvent(found, at))
  return found
}
