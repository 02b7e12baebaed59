/**
 * Tells other services what accounts are. In: facts on their way into the audit log, which every change of an account writes as its
 * last step. Out: `account.changed` in the same transaction. It refuses to tell who somebody is: no address, no name.
 */
import { createEventRow } from '../../../platform/bus/event-row.js'
import { claimOnce } from '../../../platform/bus/inbox.js'
import { writeToOutbox } from '../../../platform/bus/outbox.js'
import { accountChanged } from '../../../schema/contracts/account-changed.js'
import type { AuditChain } from '../audit/audit-chain.js'
import type { AuditFact } from '../domain/audit.js'
import type { AuthPrisma, AuthTransaction } from '../persistence/auth-prisma.js'
import { hasSecondFactorIn, withSecondFactors } from '../persistence/rows.js'

/** What happens often and changes nothing that is told. */
const silent = ['session.', 'service-', 'profile.', 'account.registration-refused']

/** Who has told of all accounts there are, and when told: the memory that it was done. */
const TOLD_ALL = { consumer: 'auth-told-of-accounts', eventId: '6b0f4a0e-64c5-4c39-8a53-0c9e7a1b2d10' }
const BATCH = 1_000 // rows of a statement
const FIRST = 1 // consumers begin at 0

/** The same log, whose writes announce the accounts they are about. Revisions are places in the log, which follow the commits. */
export function announceAccounts(log: AuditChain): AuditChain {
  return {
    async write(transaction, at, ...facts) {
      await log.write(transaction, at, ...facts)
      const ids = new Set(facts.filter(isNews).map(({ subjectId }) => subjectId))
      if (ids.size > 0) await announce(transaction, [...ids], { revision: await lastPlace(transaction), at })
    },
  }
}

/** Announces all accounts there are, once: those that are older than the first announcement. */
export async function announceOlderAccounts(prisma: AuthPrisma, at: Date): Promise<void> {
  await prisma.$transaction(async (transaction) => {
    if (!(await claimOnce(transaction, TOLD_ALL.consumer, TOLD_ALL.eventId))) return
    const revision = await lastPlace(transaction)
    const accounts = await transaction.account.findMany({ where: { deletedAt: null }, select: { id: true } })
    for (let from = 0; from < accounts.length; from += BATCH) {
      const ids = accounts.slice(from, from + BATCH).map(({ id }) => id)
      await announce(transaction, ids, { revision, at })
    }
  })
}

function isNews({ action }: AuditFact): boolean {
  return !silent.some((beginning) => action.startsWith(beginning))
}

/** Of the log, which is this transaction's own once it has written to it. */
async function lastPlace(transaction: AuthTransaction): Promise<number> {
  const last = await transaction.auditEntry.findFirst({ orderBy: { sequence: 'desc' }, select: { sequence: true } })
  return Number(last?.sequence ?? FIRST)
}

interface Moment {
  readonly revision: number
  readonly at: Date
}

async function announce(transaction: AuthTransaction, ids: readonly string[], { revision, at }: Moment): Promise<void> {
  const accounts = await transaction.account.findMany({
    where: { id: { in: [...ids] }, deletedAt: null },
    include: withSecondFactors,
  })
  const rows = accounts.map((account) => {
    const { id: userId, role, emailVerifiedAt } = account
    const mfaEnabled = hasSecondFactorIn(account)
    const state = { userId, revision, role, emailVerified: emailVerifiedAt !== null, mfaEnabled }
    return createEventRow(accountChanged, state, { now: at })
  })
  if (rows.length > 0) await writeToOutbox(transaction, ...rows)
}
