import { createEventRow } from '../../../platform/bus/event-row.js'
import { writeToOutbox } from '../../../platform/bus/outbox.js'
import { userRegistered } from '../../../schema/contracts/user-registered.js'
import type { AuditChain } from '../audit/audit-chain.js'
import type { ProvidedAccounts, ReachedAccount } from '../domain/sign-in-by-provider.js'
import type { Prisma } from '../generated/prisma/client.js'
import type { AuthPrisma } from './auth-prisma.js'
import { addIdentity, linkedFact } from './prisma-linked-identities.js'
import { lockAccount } from './prisma-passwords.js'
import { hasSecondFactorIn, withSecondFactors } from './rows.js'
import { noteSecurityMail } from './security-mails.js'

/** The accounts people come to by a provider, in Postgres. `committed` is called after a commit that may have written events or mails. */
export function createPrismaProvidedAccounts(
  prisma: AuthPrisma,
  audit: AuditChain,
  committed: () => void,
): ProvidedAccounts {
  return {
    async ownerOf({ issuer, subject }, at) {
      const where = { issuer_subject: { issuer, subject }, account: { deletedAt: null } }
      const row = await prisma.linkedIdentity.findUnique({ where, include: { account: reached } })
      if (row === null) return null
      await prisma.linkedIdentity.updateMany({ where: { id: row.id }, data: { lastUsedAt: at } })
      return reachedIn(row.account)
    },
    async findByAddress(emailKey) {
      const row = await prisma.account.findFirst({ where: { signInKey: emailKey, deletedAt: null }, ...reached })
      return row && reachedIn(row)
    },
    async open({ id, email, passwordHash, displayName, device, createdAt: at }, identity) {
      await prisma.$transaction(async (transaction) => {
        const { count } = await transaction.account.createMany({
          data: [
            {
              id,
              passwordHash,
              email: email.address,
              signInKey: email.key,
              hasPassword: false,
              emailVerifiedAt: at,
              createdAt: at,
            },
          ],
          skipDuplicates: true,
        })
        if (count === 0) return
        if (!(await addIdentity(transaction, id, identity, at))) {
          return void (await transaction.account.delete({ where: { id } })) // another tab was faster
        }
        const event = createEventRow(userRegistered, { userId: id, displayName }, { actorId: id, now: at })
        await writeToOutbox(transaction, event)
        await noteSecurityMail(transaction, 'provider_linked', { userId: id }, at)
        const actor = { userId: null, device }
        const registered = { action: 'account.registered', actor, subjectId: id } as const
        await audit.write(transaction, at, registered, linkedFact(id, identity, actor))
      })
      committed()
    },
    async link(id, identity, isOpen, { device, at }) {
      await prisma.$transaction(async (transaction) => {
        if ((await lockAccount(transaction, id)) === null) return
        // read once the row is locked: nothing that is decided by changes before the link is there
        const account = reachedIn(await transaction.account.findUniqueOrThrow({ where: { id }, ...reached }))
        if (!isOpen(account) || !(await addIdentity(transaction, id, identity, at))) return
        await noteSecurityMail(transaction, 'provider_linked', { userId: id }, at)
        await audit.write(transaction, at, linkedFact(id, identity, { userId: null, device }))
      })
      committed()
    },
  }
}

const reached = {
  select: {
    id: true,
    passwordVersion: true,
    signInKey: true,
    emailVerifiedAt: true,
    lockedAt: true,
    role: true,
    ...withSecondFactors,
  },
} as const

function reachedIn(row: Prisma.AccountGetPayload<typeof reached>): ReachedAccount {
  const { id: userId, passwordVersion, signInKey, emailVerifiedAt, lockedAt, role } = row
  return {
    userId,
    passwordVersion,
    emailKey: signInKey,
    isEmailVerified: emailVerifiedAt !== null,
    isLocked: lockedAt !== null,
    role,
    hasSecondFactor: hasSecondFactorIn(row),
  }
}
