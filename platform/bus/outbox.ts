import { encodeEnvelope } from './event-envelope.js'
import type { EventRow } from './event-row.js'

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** What `writeToOutbox` needs of a transaction: Prisma's transaction client of a schema with the OutboxEvent model fits. */
export interface OutboxTransaction {
  readonly outboxEvent: {
    createMany(args: {
      data: { id: string; subject: string; envelope: { readonly [key: string]: Json } }[]
    }): PromiseLike<unknown>
  }
}

/**
 * Writes events in the transaction of the change that caused them: both are committed, or neither. They leave in this
 * order. Wake the relay after the commit.
 */
export async function writeToOutbox(transaction: OutboxTransaction, ...rows: readonly EventRow[]): Promise<void> {
  await transaction.outboxEvent.createMany({
    data: rows.map(({ id, subject, envelope }) => ({ id, subject, envelope: JSON.parse(encodeEnvelope(envelope)) })),
  })
}
