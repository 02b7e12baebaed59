import type { Consumer } from '../../../platform/bus/bus.js'
import { consumeEvents } from '../../../platform/bus/consume-events.js'
import type { EventContract } from '../../../platform/bus/event-contract.js'
import { claimOnce } from '../../../platform/bus/inbox.js'
import { isErased } from '../../../platform/personal-data/erased-people.js'
import type { AuditFact } from '../domain/audit.js'
import { nobody } from '../persistence/prisma-sessions.js'
import type { OnErasureRequestedParts } from './on-erasure-requested.js'

export type AuditingParts = Pick<OnErasureRequestedParts, 'bus' | 'logger' | 'prisma' | 'audit'>

export interface AuditedEvent<Data> {
  /** Durable name of the consumer. */
  readonly name: string
  readonly contract: EventContract<Data>
  /** What is written down; `actorId` null for somebody who is not known. */
  readonly factOf: (data: Data) => Omit<AuditFact, 'actor'> & { readonly actorId: string | null }
}

/** Writes down what another service did and told: once, and nothing about or by name of somebody who was erased. */
export function auditElsewhere<Data>(
  { bus, logger, prisma, audit }: AuditingParts,
  { name, contract, factOf }: AuditedEvent<Data>,
): Promise<Consumer> {
  return consumeEvents({
    bus,
    logger,
    name,
    contract,
    async handle(data, { id, occurredAt }) {
      const { actorId, ...fact } = factOf(data)
      await prisma.$transaction(async (transaction) => {
        if (!(await claimOnce(transaction, name, id)) || (await isErased(transaction, fact.subjectId))) return
        const isKnown = actorId !== null && !(await isErased(transaction, actorId))
        const actor = isKnown ? { ...nobody, userId: actorId } : nobody
        await audit.write(transaction, new Date(occurredAt), { ...fact, actor })
      })
    },
  })
}
