import type { AuditChain } from '../audit/audit-chain.js'
import type { Actor, AuditFact } from '../domain/audit.js'
import type { ProvidedIdentity } from '../domain/identity-providers.js'
import type { LinkedIdentities } from '../domain/link-providers.js'
import type { AuthPrisma, AuthTransaction } from './auth-prisma.js'
import { lockAccount } from './prisma-passwords.js'
import { requireLiveSession } from './prisma-sessions.js'
import { noteSecurityMail } from './security-mails.js'
import { refuseLastWayIn, type OpenWays } from './ways-in.js'

type Identity = Pick<ProvidedIdentity, 'issuer' | 'subject'>

/** Links between accounts and identities of providers, in Postgres. `committed` is called after a commit that may have noted mails. */
export function createPrismaLinkedIdentities(
  prisma: AuthPrisma,
  audit: AuditChain,
  openWays: OpenWays,
  committed: () => void,
): LinkedIdentities {
  return {
    list: (accountId) => prisma.linkedIdentity.findMany({ where: { accountId }, ...oldestFirst }),
    async link(userId, { issuer, subject, id }, { at, device, sessionId }) {
      const linked = await prisma.$transaction(async (transaction) => {
        await lockAccount(transaction, userId)
        await requireLiveSession(transaction, userId, sessionId, at)
        const isNew = await addIdentity(transaction, userId, { issuer, subject }, at, id)
        if (isNew) {
          await noteSecurityMail(transaction, 'provider_linked', { userId }, at)
          await audit.write(transaction, at, linkedFact(userId, { issuer, subject }, { userId, device }))
        }
        const where = { issuer_subject: { issuer, subject }, accountId: userId }
        return transaction.linkedIdentity.findUnique({ where, ...shown })
      })
      committed()
      return linked
    },
    async unlink(accountId, id, { at, device, sessionId }) {
      const isRemoved = await prisma.$transaction(async (transaction) => {
        await lockAccount(transaction, accountId)
        await requireLiveSession(transaction, accountId, sessionId, at)
        const removed = await transaction.linkedIdentity.findFirst({ where: { id, accountId } })
        if (removed === null) return false
        await transaction.linkedIdentity.delete({ where: { id } })
        await refuseLastWayIn(transaction, accountId, openWays)
        await noteSecurityMail(transaction, 'provider_unlinked', { userId: accountId }, at)
        await audit.write(transaction, at, {
          action: 'provider.unlinked',
          actor: { userId: accountId, device },
          subjectId: accountId,
          details: { issuer: removed.issuer },
        })
        return true
      })
      committed()
      return isRemoved
    },
  }
}

const shown = { select: { id: true, issuer: true, createdAt: true, lastUsedAt: true } } as const
const oldestFirst = { ...shown, orderBy: { createdAt: 'asc' } } as const

/** False when the identity is linked already. One of an account that was deleted is free again. */
export async function addIdentity(
  transaction: AuthTransaction,
  accountId: string,
  { issuer, subject }: Identity,
  at: Date,
  id: string = crypto.randomUUID(),
): Promise<boolean> {
  await transaction.linkedIdentity.deleteMany({ where: { issuer, subject, account: { deletedAt: { not: null } } } })
  const { count } = await transaction.linkedIdentity.createMany({
    data: [{ id, accountId, issuer, subject, createdAt: at, lastUsedAt: at }],
    skipDuplicates: true,
  })
  return count === 1
}

/** The subject stays out of the log: it is a name of the person at another house. */
export function linkedFact(subjectId: string, { issuer }: Identity, actor: Actor): AuditFact {
  return { action: 'provider.linked', actor, subjectId, details: { issuer } }
}
