/**
 * How user listens. In: one contract and what an event of it changes here. Out: a durable consumer that makes the change
 * exactly once, however often the event is delivered. It refuses to change anything outside of the claiming transaction.
 */
import type { Bus, Consumer, EventEnvelope } from '../../../platform/bus/bus.js'
import { consumeEvents } from '../../../platform/bus/consume-events.js'
import type { EventContract } from '../../../platform/bus/event-contract.js'
import { claimOnce } from '../../../platform/bus/inbox.js'
import type { Logger } from '../../../platform/log/logger.js'
import { isErased } from '../../../platform/personal-data/erased-people.js'
import type { UserPrisma, UserTransaction } from '../persistence/user-prisma.js'

export interface ListeningParts {
  readonly bus: Bus
  readonly prisma: UserPrisma
  readonly logger: Logger
}

export interface Subscription<Data> {
  /** Durable name, `user-<purpose>`. */
  readonly name: string
  readonly contract: EventContract<Data>
  /** Whom an event is about. Where they were erased it is late, and changes nothing. */
  readonly about: (data: Data) => string
  readonly change: (transaction: UserTransaction, data: Data, envelope: EventEnvelope) => Promise<void>
  /** After the commit, and again at every further delivery. */
  readonly afterwards?: (data: Data) => Promise<void>
}

export function consumeOnce<Data>(parts: ListeningParts, subscription: Subscription<Data>): Promise<Consumer> {
  const { bus, prisma, logger } = parts
  const { name, contract, about, change, afterwards } = subscription
  return consumeEvents({
    bus,
    name,
    contract,
    logger,
    async handle(data, envelope) {
      await prisma.$transaction(async (transaction) => {
        if (!(await claimOnce(transaction, name, envelope.id)) || (await isErased(transaction, about(data)))) return
        await change(transaction, data, envelope)
      })
      await afterwards?.(data)
    },
  })
}
