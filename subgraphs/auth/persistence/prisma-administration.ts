import { createEventRow } from '../../../platform/bus/event-row.js'
import { writeToOutbox } from '../../../platform/bus/outbox.js'
import { userErasureOrdered } from '../../../schema/contracts/user-erasure-ordered.js'
import { userRegistered } from '../../../schema/contracts/user-registered.js'
import type { AuditChain } from '../audit/audit-chain.js'
import type { AdministeredAccount, Administration, Administrator } from '../domain/administer-accounts.js'
import type { Actor, AuditFact } from '../domain/audit.js'
import type { Role } from '../../../platform/identity/roles.js'
import type { AuthPrisma, AuthTransaction } from './auth-prisma.js'
import { endTokensOf } from './end-tokens.js'
import { endWithFacts, requireLiveSession } from './prisma-sessions.js'
import { removeFactors } from './remove-factors.js'
import { accountOf } from './rows.js'
import { noteSecurityMail } from './security-mails.js'

const ROLES_LOCK = 4_202 // two administrators who act on each other do so one after the other

/** What administrators do, in Postgres. `committed` is called after a commit that wrote events or mails. */
export function createPrismaAdministration(
  prisma: AuthPrisma,
  audit: AuditChain,
  committed: () => void,
): Administration {
  return {
    async withAccount(userId, by, at, work) {
      const result = await prisma.$transaction(async (transaction) => {
        const own = await ownRole(transaction, by, at)
        const row = await transaction.account.findFirst({ where: { id: userId, deletedAt: null } })
        if (row === null) return null
        const facts: AuditFact[] = []
        const done = await work(administered(transaction, row, { actor: by, at, facts }), own)
        await audit.write(transaction, at, ...facts)
        return { done }
      })
      committed()
      return result && result.done
    },
    async add({ id, email, passwordHash, displayName, role }, by, at, allow) {
      const account = await prisma.$transaction(async (transaction) => {
        allow(await ownRole(transaction, by, at))
        const { count } = await transaction.account.createMany({
          data: [{ id, email: email.address, signInKey: email.key, passwordHash, role, createdAt: at }],
          skipDuplicates: true,
        })
        if (count === 0) return null
        await writeToOutbox(
          transaction,
          createEventRow(userRegistered, { userId: id, displayName }, { actorId: id, now: at }),
        )
        await noteSecurityMail(transaction, 'reset_password', { userId: id }, at)
        await audit.write(transaction, at, { action: 'account.created', actor: by, subjectId: id, details: { role } })
        return accountOf(await transaction.account.findUniqueOrThrow({ where: { id } }))
      })
      committed()
      return account
    },
  }
}

/** The role an administrator has now, with nobody's role or lock changing until the transaction ends. */
export async function ownRole(
  transaction: AuthTransaction,
  { userId, sessionId }: Pick<Administrator, 'userId' | 'sessionId'>,
  at: Date,
): Promise<Role> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${ROLES_LOCK}, hashtext(current_schema()))`
  await requireLiveSession(transaction, userId, sessionId, at)
  const { role } = await transaction.account.findUniqueOrThrow({ where: { id: userId } })
  return role
}

interface Doing {
  readonly actor: Actor
  readonly at: Date
  /** What is to be written down. */
  readonly facts: AuditFact[]
}

function administered(
  transaction: AuthTransaction,
  row: Parameters<typeof accountOf>[0] & { readonly signInKey: string },
  { actor, at, facts }: Doing,
): AdministeredAccount {
  const { id } = row
  const change = async (
    data: { role?: Role; lockedAt?: Date | null },
    fact: Pick<AuditFact, 'action' | 'details'>,
    endsSessions: boolean,
  ) => {
    const changed = await transaction.account.update({ where: { id }, data })
    facts.push({ ...fact, actor, subjectId: id })
    if (endsSessions) {
      facts.push(...(await endWithFacts(transaction, id, at, { reason: fact.action }, actor)).facts)
    }
    return accountOf(changed)
  }
  return {
    account: accountOf(row),
    signInKey: row.signInKey,
    setRole: (role) =>
      change({ role }, { action: 'account.role-changed', details: { from: row.role, to: role } }, true),
    async lock(reason) {
      await endTokensOf(transaction, id, at)
      return change({ lockedAt: at }, { action: 'account.locked', details: { reason } }, true)
    },
    unlock: () => change({ lockedAt: null }, { action: 'account.unlocked' }, false),
    async resetFactors(reason) {
      const removed = await removeFactors(transaction, id, at, { keepsName: true })
      await noteSecurityMail(transaction, 'second_factors_reset', { userId: id }, at)
      return change({}, { action: 'second-factors.reset', details: { reason, ...removed } }, true)
    },
    async orderErasure({ id: erasureId, receiptFingerprint, reason }) {
      const data = { erasureId, userId: id, receiptFingerprint: Buffer.from(receiptFingerprint).toString('hex') }
      await writeToOutbox(transaction, createEventRow(userErasureOrdered, data, { now: at }))
      facts.push({ action: 'account.erasure-ordered', actor, subjectId: id, details: { reason } })
    },
  }
}
