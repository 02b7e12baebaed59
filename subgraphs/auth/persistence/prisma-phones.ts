import type { AuditChain } from '../audit/audit-chain.js'
import type { AuditAction } from '../domain/audit.js'
import type { Done } from '../domain/manage-second-factors.js'
import type { PhoneStore } from '../domain/phones.js'
import type { AuthPrisma, AuthTransaction } from './auth-prisma.js'
import { forgetCodesOfNothing, replaceCodes, sessionTransactions } from './prisma-second-factors.js'
import { hasSecondFactorIn, withSecondFactors } from './rows.js'
import { noteSecurityMail } from './security-mails.js'

/** Phones in Postgres. `committed` is called after a commit that noted mails. */
export function createPrismaPhones(
  prisma: AuthPrisma,
  audit: AuditChain,
  committed: () => void,
): Pick<PhoneStore, 'numberOf' | 'confirm' | 'remove'> {
  const write = (transaction: AuthTransaction, action: AuditAction, userId: string, { at, device }: Done) =>
    audit.write(transaction, at, { action, actor: { userId, device }, subjectId: userId })
  const inSession = sessionTransactions(prisma, committed)
  return {
    async numberOf(accountId) {
      const row = await prisma.phone.findFirst({ where: { accountId, account: { deletedAt: null } } })
      return row && row.number
    },
    confirm: (accountId, { id, number }, codes, done) =>
      inSession(accountId, done, async (transaction) => {
        const { count } = await transaction.smsCode.updateMany({
          where: { id, usedAt: null },
          data: { usedAt: done.at },
        })
        if (count === 0) return null
        const account = await transaction.account.findUniqueOrThrow({
          where: { id: accountId },
          select: withSecondFactors,
        })
        const isFirstFactor = !hasSecondFactorIn(account)
        if (isFirstFactor) await replaceCodes(transaction, accountId, codes)
        const phone = { number, confirmedAt: done.at }
        await transaction.phone.upsert({ where: { accountId }, create: { accountId, ...phone }, update: phone })
        await endSignInCodes(transaction, accountId, done.at)
        await noteSecurityMail(transaction, 'phone_added', { userId: accountId }, done.at)
        await write(transaction, account.phone === null ? 'phone.added' : 'phone.changed', accountId, done)
        return { isFirstFactor }
      }),
    remove: (accountId, done) =>
      inSession(accountId, done, async (transaction) => {
        const { count } = await transaction.phone.deleteMany({ where: { accountId } })
        if (count === 0) return false
        await endSignInCodes(transaction, accountId, done.at)
        await forgetCodesOfNothing(transaction, accountId)
        await noteSecurityMail(transaction, 'phone_removed', { userId: accountId }, done.at)
        await write(transaction, 'phone.removed', accountId, done)
        return true
      }),
  }
}

/** Codes on their way to a number that is not the account's any more. */
async function endSignInCodes(transaction: AuthTransaction, accountId: string, usedAt: Date): Promise<void> {
  await transaction.smsCode.updateMany({
    where: { accountId, purpose: 'sign_in', usedAt: null },
    data: { usedAt, dueAt: null },
  })
}
