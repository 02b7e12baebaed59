import type { AuditChain } from '../audit/audit-chain.js'
import type { PasswordChanges } from '../domain/change-password.js'
import type { AddressConfirmations } from '../domain/confirm-address.js'
import { REMEMBERED_PASSWORDS, type PasswordOwner } from '../domain/new-password.js'
import type { LinkPurpose } from '../domain/one-time-links.js'
import type { PasswordResets } from '../domain/reset-password.js'
import type { AuthPrisma, AuthTransaction } from './auth-prisma.js'
import { appoint } from './appoint-superadmins.js'
import { endWithFacts } from './prisma-sessions.js'
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
  const confirm = async (transaction: AuthTransaction, id: string, at: Date) => {
    await transaction.account.updateMany({ where: { id, emailVerifiedAt: null }, data: { emailVerifiedAt: at } })
    return appoint(transaction, superadmins, id)
  }
  return {
    ...ownersIn(prisma),
    change: (userId, from, to, at, { sessionId, device }) =>
      inTransaction(async (transaction) => {
        if (!(await replacePassword(transaction, userId, to, at, from))) return false
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
        const userId = await useLink(transaction, fingerprint, 'reset_password', at)
        if (userId === null || !(await replacePassword(transaction, userId, to, at))) return false
        const appointed = await confirm(transaction, userId, at)
        const actor = { userId: null, device } // whoever reads the mail
        const { facts } = await endWithFacts(transaction, userId, at, { reason: 'new-password' }, actor)
        await noteSecurityMail(transaction, 'password_changed', { userId }, at)
        await audit.write(
          transaction,
          at,
          { action: 'password.reset', actor, subjectId: userId },
          ...facts,
          ...appointed,
        )
        return true
      }),
    confirm: (fingerprint, at, device) =>
      inTransaction(async (transaction) => {
        const userId = await useLink(transaction, fingerprint, 'confirm_address', at)
        if (userId === null) return false
        const appointed = await confirm(transaction, userId, at)
        const confirmed = { action: 'account.confirmed', actor: { userId, device }, subjectId: userId } as const
        await audit.write(transaction, at, confirmed, ...appointed)
        return true
      }),
  }
}

function ownersIn(prisma: AuthPrisma): Pick<PrismaPasswords, 'ownerOf' | 'ownerOfLink'> {
  return {
    async ownerOf(userId) {
      const row = await prisma.account.findFirst({ where: { id: userId, deletedAt: null }, ...withFormer })
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

const withFormer = {
  include: {
    totpFactor: { select: { confirmedAt: true } },
    formerPasswords: {
      orderBy: { id: 'desc' },
      take: REMEMBERED_PASSWORDS - 1, // the present one is the fifth
    },
  },
} as const

interface OwnerRow {
  readonly id: string
  readonly email: string
  readonly emailKey: string
  readonly passwordHash: string
  readonly totpFactor: { readonly confirmedAt: Date | null } | null
  readonly formerPasswords: readonly { readonly passwordHash: string }[]
}

function ownerIn({ id: userId, email, emailKey, passwordHash, totpFactor, formerPasswords }: OwnerRow): PasswordOwner {
  const hasSecondFactor = totpFactor !== null && totpFactor.confirmedAt !== null
  const former = formerPasswords.map((row) => row.passwordHash)
  return { userId, email, emailKey, passwordHash, hasSecondFactor, former }
}

/** Whose link it was. It is deleted with all others of its purpose; of two at once, the one that deletes it has used it. */
async function useLink(
  transaction: AuthTransaction,
  fingerprint: Uint8Array<ArrayBuffer>,
  purpose: LinkPurpose,
  at: Date,
): Promise<string | null> {
  const link = await transaction.oneTimeLink.findFirst({
    where: { fingerprint, purpose, expiresAt: { gt: at }, account: { deletedAt: null } },
    select: { accountId: true },
  })
  if (link === null) return null
  const { count } = await transaction.oneTimeLink.deleteMany({ where: { fingerprint } })
  await transaction.oneTimeLink.deleteMany({ where: { accountId: link.accountId, purpose } })
  return count === 1 ? link.accountId : null
}

/** False when the password is no longer `from`, where that is asked. The account's row stays locked for what follows. */
async function replacePassword(
  transaction: AuthTransaction,
  userId: string,
  to: string,
  at: Date,
  from?: string,
): Promise<boolean> {
  const [row] = await transaction.$queryRaw<{ passwordHash: string }[]>`
    SELECT password_hash AS "passwordHash" FROM accounts WHERE id = ${userId}::uuid AND deleted_at IS NULL FOR UPDATE`
  if (row === undefined || (from !== undefined && row.passwordHash !== from)) return false
  await transaction.account.update({ where: { id: userId }, data: { passwordHash: to } })
  await transaction.formerPassword.create({
    data: { accountId: userId, passwordHash: row.passwordHash, replacedAt: at },
  })
  const tooOld = await transaction.formerPassword.findMany({
    where: { accountId: userId },
    orderBy: { id: 'desc' },
    skip: REMEMBERED_PASSWORDS - 1,
    select: { id: true },
  })
  await transaction.formerPassword.deleteMany({ where: { id: { in: tooOld.map(({ id }) => id) } } })
  return true
}
