import type { AuditChain } from '../audit/audit-chain.js'
import type { AuditFact } from '../domain/audit.js'
import type { PasswordChanges } from '../domain/change-password.js'
import type { AddressConfirmations } from '../domain/confirm-address.js'
import { REMEMBERED_PASSWORDS, type PasswordOwner } from '../domain/new-password.js'
import type { LinkPurpose } from '../domain/one-time-links.js'
import type { PasswordResets } from '../domain/reset-password.js'
import type { AuthPrisma, AuthTransaction } from './auth-prisma.js'
import { appoint } from './appoint-superadmins.js'
import { forgetStranger } from './forget-stranger.js'
import { endWithFacts, requireLiveSession } from './prisma-sessions.js'
import { hasSecondFactorIn, withSecondFactors, type SecondFactorRow } from './rows.js'
import { noteSecurityMail } from './security-mails.js'

export type PrismaPasswords = PasswordChanges & PasswordResets & AddressConfirmations

export interface PrismaPasswordsOptions {
  /** Called after a commit that wrote events or mails. */
  readonly committed: () => void
  /** Keys of the addresses whose owners are superadmins once they have confirmed them. */
  readonly superadmins: readonly string[]
}

/** Passwords and the links that prove an address, in Postgres. */
export function createPrismaPasswords(
  prisma: AuthPrisma,
  audit: AuditChain,
  { committed, superadmins }: PrismaPasswordsOptions,
): PrismaPasswords {
  const inTransaction = async (work: (transaction: AuthTransaction) => Promise<boolean>): Promise<boolean> => {
    const done = await prisma.$transaction(work)
    if (done) committed()
    return done
  }
  return {
    ...ownersIn(prisma),
    change: (userId, from, to, at, { sessionId, device }) =>
      inTransaction(async (transaction) => {
        const account = await lockAccount(transaction, userId)
        if (account === null || account.passwordHash !== from) return false
        await requireLiveSession(transaction, userId, sessionId, at)
        await replacePassword(transaction, account, to, at)
        const actor = { userId, device }
        const { facts } = await endWithFacts(
          transaction,
          userId,
          at,
          { except: sessionId, reason: 'new-password' },
          actor,
        )
        await noteSecurityMail(transaction, 'password_changed', { userId }, at)
        await audit.write(transaction, at, { action: 'password.changed', actor, subjectId: userId }, ...facts)
        return true
      }),
    reset: (fingerprint, to, at, device) =>
      inTransaction(async (transaction) => {
        const account = await useLink(transaction, fingerprint, 'reset_password', at)
        if (account === null) return false
        const { id: userId } = account
        const actor = { userId: null, device } // whoever reads the mail
        await replacePassword(transaction, account, to, at)
        const forgotten = isProved(account, superadmins) ? [] : await forgetStranger(transaction, userId, at, actor)
        const appointed = await confirm(transaction, superadmins, userId, at)
        const { facts } = await endWithFacts(transaction, userId, at, { reason: 'new-password' }, actor)
        await noteSecurityMail(transaction, 'password_changed', { userId }, at)
        const reset = { action: 'password.reset', actor, subjectId: userId } as const
        await audit.write(transaction, at, reset, ...forgotten, ...facts, ...appointed)
        return true
      }),
    confirm: (fingerprint, { passwordVersion }, at, device) =>
      inTransaction(async (transaction) => {
        const account = await useLink(transaction, fingerprint, 'confirm_address', at, passwordVersion)
        if (account === null) return false
        const { id: userId } = account
        const appointed = await confirm(transaction, superadmins, userId, at)
        const confirmed = { action: 'account.confirmed', actor: { userId, device }, subjectId: userId } as const
        await audit.write(transaction, at, confirmed, ...appointed)
        return true
      }),
  }
}

/** Whether who had the account before read mail there. Where it makes a superadmin a provider's word does not do (decision 16). */
function isProved({ emailVerifiedAt, hasPassword, signInKey }: LockedAccount, superadmins: readonly string[]): boolean {
  return emailVerifiedAt !== null && (hasPassword || !superadmins.includes(signInKey))
}

async function confirm(
  transaction: AuthTransaction,
  superadmins: readonly string[],
  id: string,
  at: Date,
): Promise<readonly AuditFact[]> {
  await transaction.account.updateMany({ where: { id, emailVerifiedAt: null }, data: { emailVerifiedAt: at } })
  return appoint(transaction, superadmins, id)
}

function ownersIn(prisma: AuthPrisma): Pick<PrismaPasswords, 'ownerOf' | 'ownerOfLink'> {
  return {
    async ownerOf(userId) {
      const row = await prisma.account.findFirst({
        where: { id: userId, deletedAt: null, lockedAt: null },
        ...withFormer,
      })
      return row && ownerIn(row)
    },
    async ownerOfLink(fingerprint, purpose, at) {
      const link = await prisma.oneTimeLink.findFirst({
        where: { fingerprint, purpose, expiresAt: { gt: at }, account: { deletedAt: null } },
        include: { account: withFormer },
      })
      return link && ownerIn(link.account)
    },
  }
}

/** With what a new password is judged by. */
export const withFormer = {
  include: {
    ...withSecondFactors,
    formerPasswords: {
      orderBy: { id: 'desc' },
      take: REMEMBERED_PASSWORDS - 1, // the present one is the fifth
    },
  },
} as const

interface OwnerRow extends SecondFactorRow {
  readonly id: string
  readonly email: string | null
  readonly signInKey: string
  readonly passwordHash: string
  readonly passwordVersion: number
  readonly formerPasswords: readonly { readonly passwordHash: string }[]
}

/** Whose password it is, as the domain knows them. */
export function ownerIn({ id: userId, formerPasswords, ...account }: OwnerRow): PasswordOwner {
  const hasSecondFactor = hasSecondFactorIn(account)
  const former = formerPasswords.map((row) => row.passwordHash)
  const { email, signInKey, passwordHash, passwordVersion } = account
  return { userId, name: email ?? signInKey, signInKey, passwordHash, passwordVersion, hasSecondFactor, former }
}

interface LockedAccount {
  readonly id: string
  readonly signInKey: string
  readonly hasPassword: boolean
  readonly passwordHash: string
  readonly passwordVersion: number
  readonly emailVerifiedAt: Date | null
}

/** An account whose row stays locked: what changes a password comes one after the other. */
export async function lockAccount(transaction: AuthTransaction, id: string): Promise<LockedAccount | null> {
  await transaction.$executeRaw`SELECT FROM accounts WHERE id = ${id}::uuid FOR UPDATE`
  return transaction.account.findFirst({
    where: { id, deletedAt: null },
    select: {
      id: true,
      signInKey: true,
      hasPassword: true,
      passwordHash: true,
      passwordVersion: true,
      emailVerifiedAt: true,
    },
  })
}

/** Whose link it was, locked. It is deleted with all others of its purpose; null for one that does not work any more. */
async function useLink(
  transaction: AuthTransaction,
  fingerprint: Uint8Array<ArrayBuffer>,
  purpose: LinkPurpose,
  at: Date,
  passwordVersion?: number,
): Promise<LockedAccount | null> {
  const where = { fingerprint, purpose, expiresAt: { gt: at } }
  const link = await transaction.oneTimeLink.findFirst({ where, select: { accountId: true } })
  const account = link && (await lockAccount(transaction, link.accountId)) // first, so that two links wait for each other here
  if (account === null) return null
  if (passwordVersion !== undefined && account.passwordVersion !== passwordVersion) return null
  const { count } = await transaction.oneTimeLink.deleteMany({ where })
  await transaction.oneTimeLink.deleteMany({ where: { accountId: account.id, purpose } })
  return count === 1 ? account : null
}

/** What was begun with the old password, sign-ins that wait for a code and links to a new one, is over with it. */
export async function replacePassword(
  transaction: AuthTransaction,
  { id: accountId, passwordHash }: LockedAccount,
  to: string,
  at: Date,
): Promise<void> {
  await transaction.account.update({
    where: { id: accountId },
    data: { passwordHash: to, hasPassword: true, passwordVersion: { increment: 1 } },
  })
  await transaction.mfaChallenge.deleteMany({ where: { accountId } })
  await transaction.oneTimeLink.deleteMany({ where: { accountId, purpose: 'reset_password' } })
  await transaction.formerPassword.create({ data: { accountId, passwordHash, replacedAt: at } })
  const tooOld = await transaction.formerPassword.findMany({
    where: { accountId },
    orderBy: { id: 'desc' },
    skip: REMEMBERED_PASSWORDS - 1,
    select: { id: true },
  })
  await transaction.formerPassword.deleteMany({ where: { id: { in: tooOld.map(({ id }) => id) } } })
}
