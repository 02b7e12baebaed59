import type { EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import type { Challenges } from '../domain/finish-sign-in.js'
import type { AuditChain } from '../audit/audit-chain.js'
import type { AuditAction } from '../domain/audit.js'
import type { Done, SecondFactorChanges } from '../domain/manage-second-factors.js'
import type { SecondFactorStore } from '../domain/second-factors.js'
import type { AuthPrisma, AuthTransaction } from './auth-prisma.js'
import { requireLiveSession } from './prisma-sessions.js'
import { noteSecurityMail } from './security-mails.js'

/** Second factors in Postgres; the secrets of apps are sealed, each in the context of its account. `committed` is called after a commit that noted mails. */
export function createPrismaSecondFactors(
  prisma: AuthPrisma,
  cipher: EnvelopeCipher,
  audit: AuditChain,
  committed: () => void,
): SecondFactorChanges {
  const write = (transaction: AuthTransaction, action: AuditAction, userId: string, { at, device }: Done) =>
    audit.write(transaction, at, { action, actor: { userId, device }, subjectId: userId })
  const inSession = sessionTransactions(prisma, committed)
  return {
    ...storeOver(prisma, cipher),
    async addressOf(id) {
      const row = await prisma.account.findFirst({ where: { id, deletedAt: null }, select: { email: true } })
      return row && row.email
    },
    propose: (accountId, secret, done) =>
      inSession(accountId, done, async (transaction) => {
        await transaction.totpFactor.deleteMany({ where: { accountId, confirmedAt: null } })
        const { count } = await transaction.totpFactor.createMany({
          data: [{ accountId, sealedSecret: cipher.seal(secret, contextOf(accountId)), createdAt: done.at }],
          skipDuplicates: true, // the confirmed one that is there stays
        })
        return count === 1
      }),
    confirm: (accountId, { step, createdAt }, codes, done) =>
      inSession(accountId, done, async (transaction) => {
        const { count } = await transaction.totpFactor.updateMany({
          where: { accountId, confirmedAt: null, createdAt },
          data: { confirmedAt: done.at, lastStep: step },
        })
        if (count === 0) return false
        await replaceCodes(transaction, accountId, codes)
        await noteSecurityMail(transaction, 'second_factor_added', { userId: accountId }, done.at)
        await write(transaction, 'totp.added', accountId, done)
        return true
      }),
    remove: (accountId, done) =>
      inSession(accountId, done, async (transaction) => {
        const { count } = await transaction.totpFactor.deleteMany({ where: { accountId } })
        await replaceCodes(transaction, accountId, [])
        await transaction.mfaChallenge.deleteMany({ where: { accountId } })
        if (count === 0) return false
        await noteSecurityMail(transaction, 'second_factor_removed', { userId: accountId }, done.at)
        await write(transaction, 'totp.removed', accountId, done)
        return true
      }),
    async replaceRecoveryCodes(accountId, codes, done) {
      await inSession(accountId, done, async (transaction) => {
        await replaceCodes(transaction, accountId, codes)
        await write(transaction, 'recovery-codes.renewed', accountId, done)
      })
    },
  }
}

/** Runs work in a transaction that begins by making sure of the session. */
function sessionTransactions(prisma: AuthPrisma, committed: () => void) {
  return async <T>(
    userId: string,
    { sessionId, at }: Done,
    work: (transaction: AuthTransaction) => Promise<T>,
  ): Promise<T> => {
    const done = await prisma.$transaction(async (transaction) => {
      await requireLiveSession(transaction, userId, sessionId, at)
      return work(transaction)
    })
    committed()
    return done
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
        row && {
          secret: cipher.open(row.sealedSecret, contextOf(accountId)),
          isConfirmed: row.confirmedAt !== null,
          createdAt: row.createdAt,
        }
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
    async add({ userId: accountId, passwordVersion }, fingerprint, expiresAt) {
      await prisma.mfaChallenge.create({ data: { accountId, passwordVersion, fingerprint, expiresAt } })
    },
    async find(fingerprint, at) {
      const row = await prisma.mfaChallenge.findFirst({
        where: { fingerprint, expiresAt: { gt: at }, account: { deletedAt: null, lockedAt: null } },
        include: { account: { select: { emailKey: true } } },
      })
      return row && { userId: row.accountId, passwordVersion: row.passwordVersion, emailKey: row.account.emailKey }
    },
    async end(fingerprint) {
      const { count } = await prisma.mfaChallenge.deleteMany({ where: { fingerprint } })
      return count === 1
    },
  }
}
