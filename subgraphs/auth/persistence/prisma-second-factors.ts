import type { EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import type { Challenges } from '../domain/finish-sign-in.js'
import type { AuditChain } from '../audit/audit-chain.js'
import type { AuditAction } from '../domain/audit.js'
import type { Done, SecondFactorChanges } from '../domain/manage-second-factors.js'
import type { SecondFactorStore } from '../domain/second-factors.js'
import type { AuthPrisma, AuthTransaction } from './auth-prisma.js'

/** Second factors in Postgres; the secrets of apps are sealed, each in the context of its account. */
export function createPrismaSecondFactors(
  prisma: AuthPrisma,
  cipher: EnvelopeCipher,
  audit: AuditChain,
): SecondFactorChanges {
  const write = (transaction: AuthTransaction, action: AuditAction, userId: string, { at, device }: Done) =>
    audit.write(transaction, at, { action, actor: { userId, device }, subjectId: userId })
  return {
    ...storeOver(prisma, cipher),
    async addressOf(id) {
      const row = await prisma.account.findFirst({ where: { id, deletedAt: null }, select: { email: true } })
      return row && row.email
    },
    propose: (accountId, secret, createdAt) =>
      prisma.$transaction(async (transaction) => {
        await transaction.totpFactor.deleteMany({ where: { accountId, confirmedAt: null } })
        const { count } = await transaction.totpFactor.createMany({
          data: [{ accountId, sealedSecret: cipher.seal(secret, contextOf(accountId)), createdAt }],
          skipDuplicates: true, // the confirmed one that is there stays
        })
        return count === 1
      }),
    confirm: (accountId, step, codes, done) =>
      prisma.$transaction(async (transaction) => {
        const { count } = await transaction.totpFactor.updateMany({
          where: { accountId, confirmedAt: null },
          data: { confirmedAt: done.at, lastStep: step },
        })
        if (count === 0) return false
        await replaceCodes(transaction, accountId, codes)
        await write(transaction, 'totp.added', accountId, done)
        return true
      }),
    remove: (accountId, done) =>
      prisma.$transaction(async (transaction) => {
        const { count } = await transaction.totpFactor.deleteMany({ where: { accountId } })
        await replaceCodes(transaction, accountId, [])
        await transaction.mfaChallenge.deleteMany({ where: { accountId } })
        if (count === 1) await write(transaction, 'totp.removed', accountId, done)
        return count === 1
      }),
    async replaceRecoveryCodes(accountId, codes, done) {
      await prisma.$transaction(async (transaction) => {
        await replaceCodes(transaction, accountId, codes)
        await write(transaction, 'recovery-codes.renewed', accountId, done)
      })
    },
  }
}

function storeOver(prisma: AuthPrisma, cipher: EnvelopeCipher): SecondFactorStore {
  return {
    async stateOf(accountId) {
      const [apps, recoveryCodesLeft] = await Promise.all([
        prisma.totpFactor.count({ where: { accountId, confirmedAt: { not: null } } }),
        prisma.recoveryCode.count({ where: { accountId } }),
      ])
      return { hasTotp: apps > 0, recoveryCodesLeft }
    },
    async totpOf(accountId) {
      const row = await prisma.totpFactor.findUnique({ where: { accountId } })
      return (
        row && { secret: cipher.open(row.sealedSecret, contextOf(accountId)), isConfirmed: row.confirmedAt !== null }
      )
    },
    async takeStep(accountId, step) {
      const { count } = await prisma.totpFactor.updateMany({
        where: { accountId, lastStep: { lt: step } },
        data: { lastStep: step },
      })
      return count === 1
    },
    async takeRecoveryCode(accountId, fingerprint) {
      const { count } = await prisma.recoveryCode.deleteMany({ where: { accountId, fingerprint } })
      return count === 1
    },
  }
}

function contextOf(accountId: string): string {
  return `totp:${accountId}`
}

async function replaceCodes(
  transaction: AuthTransaction,
  accountId: string,
  fingerprints: readonly Uint8Array<ArrayBuffer>[],
): Promise<void> {
  await transaction.recoveryCode.deleteMany({ where: { accountId } })
  await transaction.recoveryCode.createMany({ data: fingerprints.map((fingerprint) => ({ accountId, fingerprint })) })
}

/** Sign-ins that wait for a second factor, in Postgres. */
export function createPrismaChallenges(prisma: AuthPrisma): Challenges {
  return {
    async add(accountId, fingerprint, expiresAt) {
      await prisma.mfaChallenge.create({ data: { accountId, fingerprint, expiresAt } })
    },
    async find(fingerprint, at) {
      const row = await prisma.mfaChallenge.findFirst({
        where: { fingerprint, expiresAt: { gt: at }, account: { deletedAt: null, lockedAt: null } },
        include: { account: { select: { emailKey: true } } },
      })
      return row && { userId: row.accountId, emailKey: row.account.emailKey }
    },
    async end(fingerprint) {
      const { count } = await prisma.mfaChallenge.deleteMany({ where: { fingerprint } })
      return count === 1
    },
  }
}
