/**
 * What every service does when a person wants a copy of their data. In: the request, as an event that may come twice, or again
 * because an answer was lost. Out: all the service has of them, sealed for the asking service and cut into parts, on their way
 * in one transaction. Where that is more than the parts an answer may have, it says so in place of it.
 */
import type { Bus, Consumer } from '../bus/bus.js'
import { consumeEvents } from '../bus/consume-events.js'
import type { EventContract } from '../bus/event-contract.js'
import { createEventRow } from '../bus/event-row.js'
import { claimOnce, type InboxTransaction } from '../bus/inbox.js'
import { writeToOutbox, type OutboxTransaction } from '../bus/outbox.js'
import type { Logger } from '../log/logger.js'
import { isErased, type PersonalDataTransaction } from './erased-people.js'
import { cutLines, type ExportLine } from './export-lines.js'
import { readExport, type ExportPlan, type ReadingTransaction } from './export-plan.js'
import { sealPart, type ExportPublicKey } from './sealed-parts.js'

export interface ExportRequest {
  readonly exportId: string
  readonly userId: string
  /** Who is asked; the others leave it alone. */
  readonly services: readonly string[]
  readonly publicKey: ExportPublicKey
}

export interface ExportPart {
  readonly exportId: string
  readonly service: string
  /** Parts of one answer belong together; a service asked again answers anew. */
  readonly answerId: string
  readonly number: number
  /** How many there are; the last part alone knows. */
  readonly total: number | null
  /** A compact JWE. */
  readonly sealed: string
}

export type ExportingTransaction = PersonalDataTransaction & ReadingTransaction & InboxTransaction & OutboxTransaction

export interface AnswerExportsOptions<Transaction extends ExportingTransaction> {
  readonly bus: Bus
  readonly logger: Logger
  /** Its name in requests. */
  readonly service: string
  readonly requested: EventContract<ExportRequest>
  readonly part: EventContract<ExportPart>
  readonly plan: ExportPlan
  /** Runs work in one transaction of `exportPatience`, and wakes the outbox relay after the commit. */
  readonly transact: (work: (transaction: Transaction) => Promise<void>) => Promise<void>
  readonly now: () => Date
  /** How many parts an answer may have; 1,024 unless given. */
  readonly mostParts?: number
}

/** How long a transaction that copies all of a person's data waits for a connection, and how long it may take. */
export const exportPatience = { maxWait: 10_000, timeout: 600_000 } as const

/** 256 MiB of JSON: other events of a service wait in its outbox until so much has left. */
const MOST_PARTS = 1_024

/** More than the parts an answer may have. */
class TooMuchError extends Error {}

export function answerExports<Transaction extends ExportingTransaction>(
  options: AnswerExportsOptions<Transaction>,
): Promise<Consumer> {
  const { bus, logger, service, requested, plan, transact } = options
  const name = `${service}-exports`
  return consumeEvents({
    bus,
    logger,
    name,
    contract: requested,
    async handle(request, { id: answerId }) {
      const { userId, services, exportId } = request
      if (!services.includes(service)) return
      const answer = (linesIn: (transaction: Transaction) => AsyncIterable<ExportLine> | Iterable<ExportLine>) =>
        transact(async (transaction) => {
          await transaction.$executeRawUnsafe('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ') // of one moment
          if (!(await claimOnce(transaction, name, answerId)) || (await isErased(transaction, userId))) return
          await sendParts(transaction, { ...request, answerId }, linesIn(transaction), options)
        })
      try {
        await answer((transaction) => readExport(transaction, plan, userId))
      } catch (error) {
        if (!(error instanceof TooMuchError)) throw error
        logger.error({ exportId }, 'there is more of a person than an export takes, and the asking service was told so')
        await answer(() => [{ refusal: 'TOO_MUCH' }])
      }
    },
  })
}

async function sendParts<Transaction extends ExportingTransaction>(
  transaction: Transaction,
  { exportId, answerId, publicKey }: ExportRequest & { readonly answerId: string },
  lines: AsyncIterable<ExportLine> | Iterable<ExportLine>,
  { service, part, now, mostParts = MOST_PARTS }: AnswerExportsOptions<Transaction>,
): Promise<void> {
  let number = 0
  for await (const { bytes, isLast } of cutLines(lines)) {
    number += 1
    if (number > mostParts) throw new TooMuchError()
    const sealed = await sealPart(bytes, { exportId, service, answerId, number }, publicKey)
    const data = { exportId, service, answerId, number, total: isLast ? number : null, sealed }
    await writeToOutbox(transaction, createEventRow(part, data, { now: now() }))
  }
}
