/**
 * What every service does when a person is to be erased. In: the request, as an event that may come twice, late, or again
 * because an answer was lost. Out: their rows gone and the answer on its way, in one transaction; nothing about them can be
 * written after it. It refuses to answer before all of it is committed.
 */
import type { Bus, Consumer } from '../bus/bus.js'
import { consumeEvents } from '../bus/consume-events.js'
import type { EventContract } from '../bus/event-contract.js'
import { createEventRow } from '../bus/event-row.js'
import { claimOnce, type InboxTransaction } from '../bus/inbox.js'
import { writeToOutbox, type OutboxTransaction } from '../bus/outbox.js'
import type { Logger } from '../log/logger.js'
import { buryPerson, type PersonalDataTransaction } from './erased-people.js'
import { eraseRows, type PersonalDataPlan } from './personal-data-plan.js'

export interface ErasureRequest {
  readonly erasureId: string
  readonly userId: string
  /** Who is asked; the others leave it alone. */
  readonly services: readonly string[]
}

export interface ErasureAnswer {
  readonly erasureId: string
  readonly service: string
  readonly rows: number
}

export type AnsweringTransaction = PersonalDataTransaction & InboxTransaction & OutboxTransaction

export interface AnswerErasuresOptions<Transaction extends AnsweringTransaction> {
  readonly bus: Bus
  readonly logger: Logger
  /** Its name in requests. */
  readonly service: string
  readonly requested: EventContract<ErasureRequest>
  readonly acknowledged: EventContract<ErasureAnswer>
  readonly plan: PersonalDataPlan
  /** Runs work in one transaction, and wakes the outbox relay after the commit. */
  readonly transact: (work: (transaction: Transaction) => Promise<void>) => Promise<void>
  /** What has to be done before the rows are gone. */
  readonly before?: (transaction: Transaction, userId: string, at: Date) => Promise<void>
  /** After the commit, and again at every further delivery. */
  readonly afterwards?: (userId: string) => Promise<void>
  readonly now: () => Date
}

export function answerErasures<Transaction extends AnsweringTransaction>(
  options: AnswerErasuresOptions<Transaction>,
): Promise<Consumer> {
  const { bus, logger, service, requested, acknowledged, plan, transact, before, afterwards, now } = options
  const name = `${service}-erasures`
  return consumeEvents({
    bus,
    logger,
    name,
    contract: requested,
    async handle({ erasureId, userId, services }, { id }) {
      if (!services.includes(service)) return
      await transact(async (transaction) => {
        if (!(await claimOnce(transaction, name, id))) return
        const at = now()
        await buryPerson(transaction, userId, at)
        await before?.(transaction, userId, at)
        const rows = await eraseRows(transaction, plan, userId)
        await writeToOutbox(transaction, createEventRow(acknowledged, { erasureId, service, rows }, { now: at }))
      })
      await afterwards?.(userId)
    },
  })
}
