import type { AuditChain } from '../audit/audit-chain.js'
import type { AuditFact } from '../domain/audit.js'
import type { AuthPrisma, AuthTransaction } from './auth-prisma.js'
import { nobody } from './prisma-sessions.js'

/**
 * Makes superadmins of those whose addresses configuration names, once they have confirmed them: how a new house gets its
 * first one. Not of who has no password of their own: their address is a provider's word, until they set one by mail. Links to
 * providers go with the old role, since that word may have made them. Returns what is to be written down.
 */
export async function appoint(
  transaction: AuthTransaction,
  emailKeys: readonly string[],
  userId?: string,
): Promise<readonly AuditFact[]> {
  if (emailKeys.length === 0) return []
  const appointed = await transaction.account.updateManyAndReturn({
    where: {
      signInKey: { in: [...emailKeys] },
      emailVerifiedAt: { not: null },
      hasPassword: true,
      deletedAt: null,
      role: { not: 'superadmin' },
      ...(userId !== undefined && { id: userId }),
    },
    data: { role: 'superadmin' },
  })
  const accountIds = appointed.map(({ id }) => id)
  const unlinked = await transaction.linkedIdentity.findMany({ where: { accountId: { in: accountIds } } })
  await transaction.linkedIdentity.deleteMany({ where: { accountId: { in: accountIds } } })
  return [
    ...accountIds.map((subjectId): AuditFact => ({
      action: 'account.role-changed',
      actor: nobody,
      subjectId,
      details: { to: 'superadmin', reason: 'configuration' },
    })),
    ...unlinked.map(({ accountId, issuer }): AuditFact => ({
      action: 'provider.unlinked',
      actor: nobody,
      subjectId: accountId,
      details: { issuer },
    })),
  ]
}

/** The same for everybody at once, when the service opens: configuration may be newer than a confirmation. */
export async function appointSuperadmins(
  prisma: AuthPrisma,
  audit: AuditChain,
  emailKeys: readonly string[],
  at: Date,
): Promise<void> {
  await prisma.$transaction(async (transaction) =>
    audit.write(transaction, at, ...(await appoint(transaction, emailKeys))),
  )
}
