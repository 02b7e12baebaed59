import { AppError } from '../../../platform/errors/app-error.js'
import type { AuditChain } from '../audit/audit-chain.js'
import type { AuditAction, AuditDetail } from '../domain/audit.js'
import type { Done } from '../domain/manage-second-factors.js'
import type { OwnedPasskey, Passkey, PasskeyChallenges, PasskeyStore } from '../domain/passkeys.js'
import type { Prisma } from '../generated/prisma/client.js'
import type { AuthPrisma, AuthTransaction } from './auth-prisma.js'
import { lockAccount } from './prisma-passwords.js'
import { forgetCodesOfNothing, replaceCodes } from './prisma-second-factors.js'
import { requireLiveSession } from './prisma-sessions.js'
import { hasSecondFactorIn, withSecondFactors } from './rows.js'
import { noteSecurityMail } from './security-mails.js'
import { refuseLastWayIn, type OpenWays } from './ways-in.js'

/** Passkeys in Postgres. `committed` is called after a commit that noted mails. */
export function createPrismaPasskeys(
  prisma: AuthPrisma,
  audit: AuditChain,
  openWays: OpenWays,
  committed: () => void,
): PasskeyStore {
  const changing = accountTransactions(prisma, audit, committed)
  return {
    ...readsOver(prisma),
    async noteUse(id, { counter, isBackedUp }, at) {
      const { count } = await prisma.passkey.updateMany({
        where: { id, counter: counter === 0 ? 0 : { lt: counter } },
        data: { counter, isBackedUp, lastUsedAt: at },
      })
      return count === 1
    },
    add: ({ userId: accountId, ...passkey }, codes, { passwordVersion, most, ...done }) =>
      changing(accountId, done, async (transaction, write) => {
        const where = { id: accountId, passwordVersion }
        const account = await transaction.account.findFirst({ where, select: withSecondFactors })
        if (account === null) throw new AppError('AUTH_TOKEN_INVALID')
        if (account._count.passkeys >= most) return { kind: 'too-many' }
        const { count } = await transaction.passkey.createMany({
          data: [{ ...passkey, ...storedParts(passkey), accountId }],
          skipDuplicates: true, // the index decides whose a credential is
        })
        if (count === 0) return { kind: 'taken' }
        const withCodes = !hasSecondFactorIn(account)
        if (withCodes) await replaceCodes(transaction, accountId, codes)
        await noteSecurityMail(transaction, 'passkey_added', { userId: accountId }, done.at)
        const { id: passkeyId, isBackupEligible: syncable, name } = passkey
        await write('passkey.added', { passkeyId, name, syncable })
        return { kind: 'added', withCodes }
      }),
    rename: (accountId, id, name, done) =>
      changing(accountId, done, async (transaction, write) => {
        const [row] = await transaction.passkey.updateManyAndReturn({ where: { id, accountId }, data: { name } })
        if (row === undefined) return null
        await write('passkey.renamed', { passkeyId: id, name })
        return passkeyOf(row)
      }),
    remove: (accountId, id, done) =>
      changing(accountId, done, async (transaction, write) => {
        const { count } = await transaction.passkey.deleteMany({ where: { id, accountId } })
        if (count === 0) return false
        await refuseLastWayIn(transaction, accountId, openWays)
        await forgetCodesOfNothing(transaction, accountId)
        await noteSecurityMail(transaction, 'passkey_removed', { userId: accountId }, done.at)
        await write('passkey.removed', { passkeyId: id })
        return true
      }),
  }
}

function readsOver(prisma: AuthPrisma): Pick<PasskeyStore, 'list' | 'find' | 'holderOf'> {
  return {
    async list(accountId) {
      const rows = await prisma.passkey.findMany({
        where: { accountId, account: { deletedAt: null } },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      })
      return rows.map(passkeyOf)
    },
    async find(credentialId) {
      const row = await prisma.passkey.findFirst({
        where: { credentialId: bytesOf(credentialId), account: { deletedAt: null } },
        include: { account: { select: { passwordVersion: true, lockedAt: true, email: true, emailVerifiedAt: true } } },
      })
      return row && ownedOf(row)
    },
    async holderOf(id) {
      const row = await prisma.account.findFirst({
        where: { id, deletedAt: null, lockedAt: null },
        select: { email: true, signInKey: true, passwordVersion: true },
      })
      return row && { address: row.email ?? row.signInKey, passwordVersion: row.passwordVersion }
    },
  }
}

type Write = (action: AuditAction, details: Readonly<Record<string, AuditDetail>>) => Promise<void>

/**
 * Runs work with the account's row locked, in a live session: what resets a password, or takes away what a stranger had
 * set, comes before or after and not in between.
 */
function accountTransactions(prisma: AuthPrisma, audit: AuditChain, committed: () => void) {
  return async <T>(
    userId: string,
    { sessionId, device, at }: Done,
    work: (transaction: AuthTransaction, write: Write) => Promise<T>,
  ): Promise<T> => {
    const done = await prisma.$transaction(async (transaction) => {
      await lockAccount(transaction, userId)
      await requireLiveSession(transaction, userId, sessionId, at)
      return work(transaction, (action, details) =>
        audit.write(transaction, at, { action, actor: { userId, device }, subjectId: userId, details }),
      )
    })
    committed()
    return done
  }
}

type PasskeyRow = Prisma.PasskeyGetPayload<object>

function passkeyOf({ accountId, credentialId, publicKey, counter, ...row }: PasskeyRow): Passkey {
  void [publicKey, counter]
  return { ...row, userId: accountId, credentialId: Buffer.from(credentialId).toString('base64url') }
}

interface AccountOfPasskey {
  readonly account: {
    readonly passwordVersion: number
    readonly lockedAt: Date | null
    readonly email: string | null
    readonly emailVerifiedAt: Date | null
  }
}

function ownedOf({ account, ...row }: PasskeyRow & AccountOfPasskey): OwnedPasskey {
  return {
    ...passkeyOf(row),
    publicKey: new Uint8Array(row.publicKey),
    owner: { userId: row.accountId, passwordVersion: account.passwordVersion },
    isLocked: account.lockedAt !== null,
    isConfirmed: account.emailVerifiedAt !== null || account.email === null,
  }
}

function storedParts({ credentialId, transports }: Pick<Passkey, 'credentialId' | 'transports'>) {
  return { credentialId: bytesOf(credentialId), transports: [...transports] }
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(base64url, 'base64url'))
}

const SWEPT = 100 // of those that expired, at each new one: they never pile up, and nobody waits for a large deletion

/** Challenges in Postgres, where each is used up once however many replicas are asked. */
export function createPrismaPasskeyChallenges(prisma: AuthPrisma, now: () => Date): PasskeyChallenges {
  return {
    async add(fingerprint, binding, expiresAt) {
      await prisma.$executeRaw`
        DELETE FROM passkey_challenges WHERE fingerprint IN (
          SELECT fingerprint FROM passkey_challenges WHERE expires_at <= ${now()}::timestamptz
          LIMIT ${SWEPT} FOR UPDATE SKIP LOCKED)`
      await prisma.passkeyChallenge.create({ data: { fingerprint, binding, expiresAt } })
    },
    async take(fingerprint, binding, at) {
      const { count } = await prisma.passkeyChallenge.deleteMany({
        where: { fingerprint, binding, expiresAt: { gt: at } },
      })
      return count === 1
    },
  }
}
