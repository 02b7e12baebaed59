import type { AuditChain } from '../audit/audit-chain.js'
import type { PhoneResets } from '../domain/reset-by-phone.js'
import type { AuthPrisma } from './auth-prisma.js'
import { lockAccount, ownerIn, replacePassword, withFormer } from './prisma-passwords.js'
import { endWithFacts } from './prisma-sessions.js'

/** New passwords of accounts that are found by a number, in Postgres. `committed` is called after a commit that wrote events. */
export function createPrismaPhoneResets(prisma: AuthPrisma, audit: AuditChain, committed: () => void): PhoneResets {
  return {
    async ownerOfNumber(signInKey) {
      const where = { signInKey, email: null, deletedAt: null, lockedAt: null }
      const row = await prisma.account.findFirst({ where, ...withFormer })
      return row && ownerIn(row)
    },
    hasRecoveryCode: async (accountId, fingerprint) =>
      (await prisma.recoveryCode.count({ where: { accountId, fingerprint } })) > 0,
    async reset({ userId, passwordVersion, signInKey }, { code, recoveryCode: fingerprint }, to, at, device) {
      const isReset = await prisma.$transaction(async (transaction) => {
        const account = await lockAccount(transaction, userId)
        if (account === null || account.passwordVersion !== passwordVersion || account.signInKey !== signInKey)
          return false
        const recoveryCodes = await transaction.recoveryCode.deleteMany({ where: { accountId: userId, fingerprint } })
        if (recoveryCodes.count === 0) return false // nothing is written before: what follows is all or nothing
        const unused = { id: code.id, usedAt: null }
        const codes = await transaction.smsCode.updateMany({ where: unused, data: { usedAt: at, dueAt: null } })
        if (codes.count === 0) return false // of two at once with one code the account's lock lets one come here first
        await replacePassword(transaction, account, to, at)
        const actor = { userId: null, device } // whoever has number and recovery code
        const { facts } = await endWithFacts(transaction, userId, at, { reason: 'new-password' }, actor)
        await audit.write(transaction, at, { action: 'password.reset', actor, subjectId: userId }, ...facts)
        return true
      })
      if (isReset) committed()
      return isReset
    },
  }
}
