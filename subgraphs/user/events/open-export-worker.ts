import type { Logger } from '../../../platform/log/logger.js'
import { openSweeper, type Sweeper } from '../../../platform/service/open-sweeper.js'
import type { EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import { exportingServices } from '../domain/data-export.js'
import { exportPatience } from '../../../platform/personal-data/answer-exports.js'
import { ExportRefusedError } from '../domain/export-archive.js'
import { completeExport, dropAnswer, endExport, SpoiltAnswerError } from '../persistence/complete-export.js'
import { askForExport, wholeAnswers } from '../persistence/prisma-data-exports.js'
import type { Transact } from '../persistence/transact.js'
import type { DataExport } from '../generated/prisma/client.js'
import type { UserPrisma, UserTransaction } from '../persistence/user-prisma.js'

export interface ExportWorkerOptions {
  readonly prisma: UserPrisma
  readonly transact: Transact
  readonly cipher: EnvelopeCipher
  readonly logger: Logger
  readonly now: () => Date
  /** How often what is due is looked for. */
  readonly everyMs: number
  /** After so long without an answer services are asked again. */
  readonly askAgainMs: number
}

const GIVE_UP_MS = 3_600_000
const KEPT_MS = 30 * 86_400_000

/** Completes exports, asks again where an answer is missing, and destroys archives in time. Replicas share the work. */
export function openExportWorker(options: ExportWorkerOptions): Sweeper {
  const { prisma, logger, now, everyMs } = options
  return openSweeper({
    async sweep() {
      const at = now()
      const due = await prisma.dataExport.findMany({
        where: { OR: [{ state: 'GATHERING' }, { state: 'READY', expiresAt: { lte: at } }] },
        orderBy: { requestedAt: 'asc' },
        take: 1_000,
        select: { id: true },
      })
      for (const { id } of due) {
        await takeOn(options, id, at)
          .catch((error: unknown) => recover(options, id, at, error))
          .catch((error: unknown) => {
            logger.warn({ err: error, exportId: id }, 'an export could not be taken on just now')
          })
      }
      await prisma.dataExport.deleteMany({ where: { endedAt: { lte: new Date(at.getTime() - KEPT_MS) } } })
    },
    everyMs,
    logger,
    failure: 'exports could not be taken on just now',
  })
}

function takeOn({ transact, cipher, logger, askAgainMs }: ExportWorkerOptions, id: string, at: Date): Promise<void> {
  return transact(async (transaction) => {
    const found = await lockExport(transaction, id)
    if (found?.state === 'READY') return endExport(transaction, id, 'EXPIRED', at)
    if (found?.state !== 'GATHERING') return
    if (at.getTime() - found.requestedAt.getTime() > GIVE_UP_MS) {
      logger.error({ exportId: id }, 'an export was given up: a service did not answer, or not what can be read')
      return endExport(transaction, id, 'FAILED', at)
    }
    const answers = await wholeAnswers(transaction, id)
    const missing = exportingServices.filter((service) => !answers.has(service))
    if (missing.length === 0) return completeExport(transaction, cipher, found, answers, at)
    if (at.getTime() - found.askedAt.getTime() < askAgainMs) return
    logger.warn({ missing }, 'services were asked again for the data of somebody')
    await askForExport(transaction, id, missing, at)
  }, exportPatience)
}

/** After an archive could not be made: its transaction is gone, and what is to be done about it is another. */
async function recover({ transact, logger }: ExportWorkerOptions, id: string, at: Date, error: unknown): Promise<void> {
  const isRefused = error instanceof ExportRefusedError
  if (!isRefused && !(error instanceof SpoiltAnswerError)) throw error
  await transact(async (transaction) => {
    if ((await lockExport(transaction, id))?.state !== 'GATHERING') return
    if (isRefused) {
      logger.error({ exportId: id }, 'an export was given up: a service has more of the person than it can give')
      return endExport(transaction, id, 'FAILED', at)
    }
    logger.error(
      { err: error, exportId: id },
      'an answer to an export was thrown away: its service will be asked again',
    )
    await dropAnswer(transaction, error.answer)
  })
}

/** The export, for nobody else until the transaction ends; null where another has it. */
async function lockExport(transaction: UserTransaction, id: string): Promise<DataExport | null> {
  const locked = await transaction.$queryRaw<unknown[]>`
    SELECT 1 FROM data_exports WHERE id = ${id}::uuid FOR UPDATE SKIP LOCKED`
  return locked.length === 0 ? null : transaction.dataExport.findUnique({ where: { id } })
}
