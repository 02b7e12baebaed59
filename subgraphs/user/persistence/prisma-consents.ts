import { createEventRow } from '../../../platform/bus/event-row.js'
import { writeToOutbox } from '../../../platform/bus/outbox.js'
import { consentChanged } from '../../../schema/contracts/consent-changed.js'
import type { ConsentStore } from '../domain/consents.js'
import type { Transact } from './transact.js'
import type { UserPrisma } from './user-prisma.js'

/** Consents in Postgres: a change and its event are one transaction. */
export function createPrismaConsents(prisma: UserPrisma, transact: Transact): ConsentStore {
  return {
    history: (userId) => prisma.consentChange.findMany({ where: { userId }, orderBy: { id: 'desc' } }),
    change: (userId, kind, now, decide) =>
      transact(async (transaction) => {
        await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('consents of ' || ${userId}::text, 0))`
        const last = await transaction.consentChange.findFirst({ where: { userId }, orderBy: { id: 'desc' } })
        const newest = await transaction.consentChange.findFirst({ where: { userId, kind }, orderBy: { id: 'desc' } })
        const decided = decide(newest)
        if (decided === null) return
        // whoever is told in another order goes by the time
        const at = new Date(Math.max(now.getTime(), (last?.at.getTime() ?? 0) + 1))
        await transaction.consentChange.create({ data: { userId, kind, at, ...decided } })
        const event = createEventRow(consentChanged, { userId, kind, ...decided }, { now: at, actorId: userId })
        await writeToOutbox(transaction, event)
      }),
  }
}
