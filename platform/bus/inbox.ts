/** What `claimOnce` needs of a transaction: Prisma's transaction client of a schema with the InboxEvent model fits. */
export interface InboxTransaction {
  readonly inboxEvent: {
    createMany(args: {
      data: { consumer: string; eventId: string }[]
      skipDuplicates: boolean
    }): PromiseLike<{ count: number }>
  }
}

/**
 * True for the one transaction that may handle this event for this consumer. Use it first in the transaction that does the
 * work: when that rolls back the claim goes with it, and a concurrent claim waits for it to end.
 */
export async function claimOnce(transaction: InboxTransaction, consumer: string, eventId: string): Promise<boolean> {
  const { count } = await transaction.inboxEvent.createMany({ data: [{ consumer, eventId }], skipDuplicates: true })
  return count === 1
}
