import { isUniqueViolation } from '../../../platform/database/translate-database-errors.js'
import { AppError } from '../../../platform/errors/app-error.js'
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
): Pick<PhoneStore, 'signInKeyOf' | 'numberOf' | 'confirm' | 'remove'> {
  const write = (transaction: AuthTransaction, action: AuditAction, userId: string, { at, device }: Done) =>
    audit.write(transaction, at, { action, actor: { userId, device }, subjectId: userId })
  const inSession = sessionTransactions(prisma, committed)
  return {
    async signInKeyOf(id) {
      const row = await prisma.account.findFirst({ where: { id, deletedAt: null }, select: { signInKey: true } })
      if (row === null) throw new AppError('AUTH_TOKEN_INVALID')
      return row.signInKey
    },
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
          select: { ...withSecondFactors, email: true },
        })
        if (account.email === null) await nameBy(transaction, accountId, number)
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
        if ((await transaction.account.count({ where: { id: accountId, email: null } })) > 0) throw signsIn()
        await endSignInCodes(transaction, accountId, done.at)
        await forgetCodesOfNothing(transaction, accountId)
        await noteSecurityMail(transaction, 'phone_removed', { userId: accountId }, done.at)
        await write(transaction, 'phone.removed', accountId, done)
        return true
      }),
  }
}

/** The account, which has no address, is found by this number from now on. Throws RES_ALREADY_EXISTS where another one is. */
async function nameBy(transaction: AuthTransaction, id: string, number: string): Promise<void> {
  try {
    await transaction.account.update({ where: { id }, data: { signInKey: number } })
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new AppError('RES_ALREADY_EXISTS', { message: 'Another account signs in by this number.' })
  }
}

function signsIn(): AppError {
  return new AppError('RES_CONFLICT', {
    message: 'You sign in by this number: put another one in its place by registerPhone and verifyPhone.',
  })
}

/** Codes on their way to a number that is not the account's any more. */
async function endSignInCodes(transaction: AuthTransaction, accountId: string, usedAt: Date): Promise<void> {
  await transaction.smsCode.updateMany({
    where: { accountId, purpose: 'sign_in', usedAt: null },
    data: { usedAt, dueAt: null },
  })
}
