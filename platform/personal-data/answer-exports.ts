/**
 * What every service does when a person wants a copy of their data. In: the request, as an event that may come twice, or again
 * because an answer was lost. Out: all the service has of them, sealed for the asking service and cut into parts, on their way
 * in one transaction. It refuses to send more than the parts an answer may have.
 */
import { UnprocessableEventError, type Bus, type Consumer } from '../bus/bus.js'
import { consumeEvents } from '../bus/consume-events.js'
import type { EventContract } from '../bus/event-contract.js'
import { createEventRow } from '../bus/event-row.js'
import { claimOnce, type InboxTransaction } from '../bus/inbox.js'
import { writeToOutbox, type OutboxTransaction } from '../bus/outbox.js'
import type { Logger } from '../log/logger.js'
import { isErased, type PersonalDataTransaction } from './erased-people.js'
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
  /** Runs work in one transaction, and wakes the outbox relay after the commit. */
  readonly transact: (work: (transaction: Transaction) => Promise<void>) => Promise<void>
  readonly now: () => Date
}

const PART_BYTES = 256 * 1024
/** 32 MiB of JSON: the asking service holds all of it in memory once. */
export const MOST_PARTS = 128

export function answerExports<Transaction extends ExportingTransaction>(
  options: AnswerExportsOptions<Transaction>,
): Promise<Consumer> {
  const { bus, logger, service, requested, part, plan, transact, now } = options
  const name = `${service}-exports`
  return consumeEvents({
    bus,
    logger,
    name,
    contract: requested,
    async handle({ exportId, userId, services, publicKey }, { id: answerId }) {
      if (!services.includes(service)) return
      await transact(async (transaction) => {
        await transaction.$executeRawUnsafe('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ') // of one moment
        if (!(await claimOnce(transaction, name, answerId)) || (await isErased(transaction, userId))) return
        let number = 0
        for await (const { bytes, isLast } of cut(readExport(transaction, plan, userId))) {
          number += 1
          if (number > MOST_PARTS)
            throw new UnprocessableEventError('There is more of this person than an export takes.')
          const sealed = await sealPart(bytes, { exportId, service, answerId, number }, publicKey)
          const data = { exportId, service, answerId, number, total: isLast ? number : null, sealed }
          await writeToOutbox(transaction, createEventRow(part, data, { now: now() }))
        }
      })
    },
  })
}

/** Lines of JSON as bytes, in pieces of at most PART_BYTES; a line may go over several. The last may be empty. */
async function* cut(lines: AsyncIterable<unknown>): AsyncGenerator<{ bytes: Uint8Array; isLast: boolean }> {
  let waiting: Buffer = Buffer.alloc(0)
  for await (const line of lines) {
    waiting = Buffer.concat([waiting, Buffer.from(`${JSON.stringify(line)}\n`)])
    while (waiting.byteLength > PART_BYTES) {
      yield { bytes: waiting.subarray(0, PART_BYTES), isLast: false }
      waiting = waiting.subarray(PART_BYTES)
    }
  }
  yield { bytes: waiting, isLast: true }
}
