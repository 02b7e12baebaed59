import { z } from 'zod'
import type { EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import type { Challenges } from '../domain/finish-sign-in.js'
import type { AuditChain } from '../audit/audit-chain.js'
import type { AuditAction } from '../domain/audit.js'
import type { Done, SecondFactorChanges } from '../domain/manage-second-factors.js'
import type { SecondFactorStore } from '../domain/second-factors.js'
import type { AuthPrisma, AuthTransaction } from './auth-prisma.js'
import { lockAccount } from './prisma-passwords.js'
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
      const row = await prisma.account.findFirst({
        where: { id, deletedAt: null },
        select: { email: true, signInKey: true },
      })
      return row && (row.email ?? row.signInKey)
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
        await forgetCodesOfNothing(transaction, accountId)
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

/** Runs work with the account's row locked, in a live session: who takes an account back comes before or after, not in between. */
export function sessionTransactions(prisma: AuthPrisma, committed: () => void) {
  return async <T>(
    userId: string,
    { sessionId, at }: Done,
    work: (transaction: AuthTransaction) => Promise<T>,
  ): Promise<T> => {
    const done = await prisma.$transaction(async (transaction) => {
      await lockAccount(transaction, userId)
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
      const [apps, recoveryCodesLeft, passkeys, phones] = await Promise.all([
        prisma.totpFactor.count({ where: { accountId, confirmedAt: { not: null } } }),
        prisma.recoveryCode.count({ where: { accountId } }),
        prisma.passkey.count({ where: { accountId } }),
        prisma.phone.count({ where: { accountId } }),
      ])
      return { hasTotp: apps > 0, recoveryCodesLeft, passkeys, hasPhone: phones > 0 }
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

/** These recovery codes in place of all others. */
export async function replaceCodes(
  transaction: AuthTransaction,
  accountId: string,
  fingerprints: readonly Uint8Array<ArrayBuffer>[],
): Promise<void> {
  await transaction.recoveryCode.deleteMany({ where: { accountId } })
  await transaction.recoveryCode.createMany({ data: fingerprints.map((fingerprint) => ({ accountId, fingerprint })) })
}

/** Removes recovery codes, and sign-ins that wait, where there is no second factor any more. */
export async function forgetCodesOfNothing(transaction: AuthTransaction, accountId: string): Promise<void> {
  const apps = await transaction.totpFactor.count({ where: { accountId, confirmedAt: { not: null } } })
  const passkeys = await transaction.passkey.count({ where: { accountId } })
  if (apps + passkeys + (await transaction.phone.count({ where: { accountId } })) > 0) return
  await replaceCodes(transaction, accountId, [])
  await transaction.mfaChallenge.deleteMany({ where: { accountId } })
}

const firstFactor = z.enum(['pwd', 'fed'])

/** Sign-ins that wait for a second factor, in Postgres. */
export function createPrismaChallenges(prisma: AuthPrisma): Challenges {
  return {
    async add({ userId: accountId, passwordVersion }, { method, at: provedAt }, fingerprint, expiresAt) {
      await prisma.mfaChallenge.create({
        data: { accountId, passwordVersion, method, provedAt, fingerprint, expiresAt },
      })
    },
    async find(fingerprint, at) {
      const row = await prisma.mfaChallenge.findFirst({
        where: { fingerprint, expiresAt: { gt: at }, account: { deletedAt: null, lockedAt: null } },
        include: { account: { select: { signInKey: true } } },
      })
      if (row === null) return null
      const { accountId: userId, passwordVersion, account, provedAt } = row
      const first = { method: firstFactor.parse(row.method), at: provedAt }
      return { userId, passwordVersion, signInKey: account.signInKey, first }
    },
    async end(fingerprint) {
      const { count } = await prisma.mfaChallenge.deleteMany({ where: { fingerprint } })
      return count === 1
    },
  }
}
