import type { EventRow } from '../../../platform/bus/event-row.js'
import { writeToOutbox } from '../../../platform/bus/outbox.js'
import type { RequestKey } from '../events/request-events.js'
import type { AiPrisma, AiTransaction } from './ai-prisma.js'

export interface ToldStepParts {
  readonly prisma: AiPrisma
  /** Called after a commit that wrote an event. */
  readonly wakeRelay: () => void
  readonly now: () => Date
}

/** Changes rows, and writes what is told of each into the outbox, in one transaction. The rows that were changed. */
export type ToldStep = <Row extends RequestKey>(
  update: (transaction: AiTransaction) => Promise<readonly Row[]>,
  told: (row: Row, at: Date) => readonly EventRow[],
) => Promise<readonly Row[]>

export function createToldStep({ prisma, wakeRelay, now }: ToldStepParts): ToldStep {
  return async (update, told) => {
    const changed = await prisma.$transaction(async (transaction) => {
      const rows = await update(transaction)
      const at = now()
      if (rows.length > 0) await writeToOutbox(transaction, ...rows.flatMap((row) => told(row, at)))
      return rows
    })
    if (changed.length > 0) wakeRelay()
    return changed
  }
}
