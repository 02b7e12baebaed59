import type { Consumer } from '../../../platform/bus/bus.js'
import { consumeEvents } from '../../../platform/bus/consume-events.js'
import { claimOnce } from '../../../platform/bus/inbox.js'
import { answerExports, exportPatience } from '../../../platform/personal-data/answer-exports.js'
import { userExportPart } from '../../../schema/contracts/user-export-part.js'
import { userExportRequested } from '../../../schema/contracts/user-export-requested.js'
import type { AuthTransaction } from '../persistence/auth-prisma.js'
import { exportPlan } from '../persistence/export-plan.js'
import { nobody } from '../persistence/prisma-sessions.js'
import { onDataExportAccessed } from './on-data-export-accessed.js'
import type { OnErasureRequestedParts } from './on-erasure-requested.js'

const PATIENCE = { timeout: 20_000 }

/** Gives people copies of what auth has of them, and writes down that they asked, and what became of the copy. */
export async function openExportConsumers(parts: OnErasureRequestedParts): Promise<Pick<Consumer, 'close'>> {
  const opened: Consumer[] = []
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((consumer) => consumer.close()))
  }
  try {
    for (const open of [onExportRequested, onExportNoted, onDataExportAccessed]) opened.push(await open(parts))
  } catch (error) {
    await close()
    throw error
  }
  return { close }
}

/** A copy of what auth has of them, and of no secret. */
function onExportRequested({ prisma, committed, ...parts }: OnErasureRequestedParts): Promise<Consumer> {
  return answerExports<AuthTransaction>({
    ...parts,
    service: 'auth',
    requested: userExportRequested,
    part: userExportPart,
    plan: exportPlan,
    async transact(work) {
      await prisma.$transaction(work, exportPatience)
      committed()
    },
  })
}

const noting = 'auth-exports-noted'

/** Writes down that somebody asked for their data, once an export. */
function onExportNoted({ bus, logger, prisma, audit, committed, now }: OnErasureRequestedParts): Promise<Consumer> {
  return consumeEvents({
    bus,
    logger,
    name: noting,
    contract: userExportRequested,
    async handle({ exportId, userId }) {
      await prisma.$transaction(async (transaction) => {
        if (!(await claimOnce(transaction, noting, exportId))) return // asked again by another event
        if ((await transaction.account.count({ where: { id: userId } })) === 0) return
        const actor = { ...nobody, userId }
        await audit.write(transaction, now(), { action: 'data.export-requested', actor, subjectId: userId })
      }, PATIENCE)
      committed()
    },
  })
}
