import type { SessionFamilies, SessionFamily } from '../domain/refresh-session.js'
import type { AuditChain } from '../audit/audit-chain.js'
import type { AuthPrisma, AuthTransaction } from './auth-prisma.js'
import { endSessions, nobody } from './prisma-sessions.js'
import { accountOf, liveAt, sessionOf } from './rows.js'

/** Families of refresh tokens in Postgres. `committed` is called after a commit that may have written events. */
export function createPrismaSessionFamilies(
  prisma: AuthPrisma,
  audit: AuditChain,
  committed: () => void,
): SessionFamilies {
  return {
    async withFamilyOf(fingerprint, at, work) {
      const result = await prisma.$transaction(async (transaction) => {
        const token = await transaction.refreshToken.findUnique({ where: { fingerprint }, select: { sessionId: true } })
        const family = token && (await lockFamily(transaction, audit, token.sessionId, at))
        return family && work(family)
      })
      committed()
      return result
    },
  }
}

/** With the session's row locked, so that refreshes and logouts of one session come one after the other. */
async function lockFamily(
  transaction: AuthTransaction,
  audit: AuditChain,
  sessionId: string,
  at: Date,
): Promise<SessionFamily | null> {
  await transaction.$executeRaw`SELECT FROM sessions WHERE id = ${sessionId}::uuid FOR UPDATE`
  const row = await transaction.session.findFirst({
    where: { id: sessionId, ...liveAt(at) },
    include: { account: true },
  })
  return row === null || row.account.deletedAt !== null || row.account.lockedAt !== null
    ? null
    : familyOf(transaction, audit, row, at)
}

function familyOf(transaction: AuthTransaction, audit: AuditChain, row: LockedRow, at: Date): SessionFamily {
  const session = sessionOf(row)
  return {
    session,
    account: accountOf(row.account),
    find: (fingerprint) =>
      transaction.refreshToken.findUnique({
        where: { fingerprint, sessionId: session.id },
        select: { usedAt: true, sealedSuccessor: true },
      }),
    async replace(used, { fingerprint, sealed }, seen) {
      await transaction.refreshToken.update({
        where: { fingerprint: used },
        data: { usedAt: at, sealedSuccessor: sealed },
      })
      await transaction.refreshToken.create({ data: { fingerprint, sessionId: session.id, createdAt: at } })
      if (seen !== null) await transaction.session.update({ where: { id: session.id }, data: seen })
    },
    async forgetSuccessors(time) {
      await transaction.refreshToken.updateMany({
        where: { sessionId: session.id, usedAt: { lt: time }, sealedSuccessor: { not: null } },
        data: { sealedSuccessor: null },
      })
    },
    async end() {
      await endSessions({ transaction, audit, by: nobody }, session.userId, at, {
        ids: [session.id],
        reason: 'token-reuse',
      })
    },
  }
}

type LockedRow = Parameters<typeof sessionOf>[0] & { readonly account: Parameters<typeof accountOf>[0] }
