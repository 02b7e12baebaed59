import type { EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import { openDetails, openPerson, type AuditPerson } from '../audit/audit-people.js'
import type { AuditLog } from '../domain/audit.js'
import type { AuthPrisma } from './auth-prisma.js'

/** The log as its readers see it: pseudonyms are people again, for as long as they are known. */
export function createPrismaAuditLog(prisma: AuthPrisma, cipher: EnvelopeCipher): AuditLog {
  const pseudonymOf = async (userId: string | undefined): Promise<string | null | undefined> => {
    if (userId === undefined) return undefined
    return (await prisma.auditPerson.findUnique({ where: { userId } }))?.pseudonym ?? null
  }
  return {
    async list({ action, actions, since, actorId, subjectId }, before, limit) {
      const [actor, subject] = [await pseudonymOf(actorId), await pseudonymOf(subjectId)]
      if (actor === null || subject === null) return [] // nobody the log knows
      const rows = await prisma.auditEntry.findMany({
        where: {
          ...(action !== undefined && { action }),
          ...(actions !== undefined && { action: { in: [...actions] } }),
          ...(since !== undefined && { at: { gte: since } }),
          ...(actor !== undefined && { actor }),
          ...(subject !== undefined && { subject }),
          ...(before !== null && { sequence: { lt: before } }),
        },
        orderBy: { sequence: 'desc' },
        take: limit,
      })
      const names = rows.flatMap((row) => [row.actor, row.subject].filter((name) => name !== null))
      const people = await prisma.auditPerson.findMany({ where: { pseudonym: { in: names } } })
      const known = new Map(
        people.map((row) => [row.pseudonym, { userId: row.userId, person: openPerson(cipher, row) }]),
      )
      return rows.map((row) => {
        const owner = known.get(row.subject ?? '')
        return {
          sequence: Number(row.sequence),
          at: row.at,
          action: row.action,
          actorId: known.get(row.actor ?? '')?.userId ?? null,
          subjectId: owner?.userId ?? null,
          ...detailsOf(owner?.person, row.sequence, row.sealedDetails),
        }
      })
    },
  }
}

const erased = { ipAddress: null, userAgent: null, details: {} }

function detailsOf(person: AuditPerson | undefined, sequence: bigint, sealed: Uint8Array | null) {
  return person === undefined || sealed === null ? erased : openDetails(person, sequence, sealed)
}
