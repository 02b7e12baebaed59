import { createEventRow } from '../../../platform/bus/event-row.js'
import { writeToOutbox } from '../../../platform/bus/outbox.js'
import { userRegistered } from '../../../schema/contracts/user-registered.js'
import type { AuditFact } from '../domain/audit.js'
import type { Account } from '../domain/account.js'
import type { Device } from '../domain/session.js'
import type { Credentials, CredentialStore } from '../domain/log-in.js'
import type { NewAccounts } from '../domain/register.js'
import type { AuditChain } from '../audit/audit-chain.js'
import type { AuthPrisma, AuthTransaction } from './auth-prisma.js'
import { accountOf, hasSecondFactorIn, withSecondFactors, type SecondFactorRow } from './rows.js'
import { forgetStranger } from './forget-stranger.js'
import { noteSecurityMail } from './security-mails.js'

export interface PrismaAccounts extends CredentialStore, NewAccounts {
  /** The live accounts among these ids, in any order. */
  findMany(ids: readonly string[]): Promise<readonly Account[]>
}

/** Accounts in Postgres. `committed` is called after a commit that wrote events or mails. */
export function createPrismaAccounts(prisma: AuthPrisma, audit: AuditChain, committed: () => void): PrismaAccounts {
  return {
    async find(signInKey) {
      const row = await prisma.account.findFirst({ where: { signInKey, deletedAt: null }, include: withSecondFactors })
      return row && credentialsIn(row)
    },
    async replaceHash(userId, from, to) {
      await prisma.account.updateMany({ where: { id: userId, passwordHash: from }, data: { passwordHash: to } })
    },
    async add({ id, email, passwordHash, displayName, device, createdAt }, { replacesUnconfirmed }) {
      await prisma.$transaction(async (transaction) => {
        const { count } = await transaction.account.createMany({
          data: [{ id, email: email.address, signInKey: email.key, passwordHash, createdAt }],
          skipDuplicates: true, // two at once for one address: the index decides, and neither learns of the other
        })
        if (count === 0) {
          const again = { emailKey: email.key, passwordHash, device, at: createdAt }
          const facts = replacesUnconfirmed ? await replaceUnconfirmed(transaction, again) : []
          const kind = facts.length > 0 ? 'confirm_address' : 'address_taken'
          await noteSecurityMail(transaction, kind, { emailKey: email.key }, createdAt)
          // in this case too something is written in the log, whose lock may take time to be had
          return audit.write(
            transaction,
            createdAt,
            ...(facts.length > 0 ? facts : await refusedFacts(transaction, again)),
          )
        }
        const event = createEventRow(userRegistered, { userId: id, displayName }, { actorId: id, now: createdAt })
        await writeToOutbox(transaction, event)
        await noteSecurityMail(transaction, 'confirm_address', { userId: id }, createdAt)
        await audit.write(transaction, createdAt, {
          action: 'account.registered',
          actor: { userId: null, device },
          subjectId: id,
        })
      })
      committed()
    },
    async findMany(ids) {
      const rows = await prisma.account.findMany({ where: { id: { in: [...ids] }, deletedAt: null } })
      return rows.map(accountOf)
    },
  }
}

interface CredentialRow extends SecondFactorRow {
  readonly id: string
  readonly passwordHash: string
  readonly passwordVersion: number
  readonly email: string | null
  readonly emailVerifiedAt: Date | null
  readonly lockedAt: Date | null
}

function credentialsIn(row: CredentialRow): Credentials {
  const { id: userId, passwordHash, passwordVersion, email, emailVerifiedAt, lockedAt } = row
  return {
    userId,
    passwordHash,
    passwordVersion,
    isConfirmed: emailVerifiedAt !== null || email === null,
    hasSecondFactor: hasSecondFactorIn(row),
    isLocked: lockedAt !== null,
  }
}

interface Replacement {
  readonly emailKey: string
  readonly passwordHash: string
  readonly device: Device
  readonly at: Date
}

/** Puts the newest registration's password in place, unless the address is confirmed, and takes away what the earlier one had. */
async function replaceUnconfirmed(
  transaction: AuthTransaction,
  { emailKey, passwordHash, device, at }: Replacement,
): Promise<readonly AuditFact[]> {
  const [replaced] = await transaction.account.updateManyAndReturn({
    where: { signInKey: emailKey, deletedAt: null, emailVerifiedAt: null },
    data: { passwordHash, hasPassword: true, passwordVersion: { increment: 1 } },
    select: { id: true },
  })
  if (replaced === undefined) return []
  const actor = { userId: null, device }
  const facts = await forgetStranger(transaction, replaced.id, at, actor)
  return [{ action: 'account.registered', actor, subjectId: replaced.id, details: { again: true } }, ...facts]
}

/** Somebody tried to open an account for an address that has one. */
async function refusedFacts(
  transaction: AuthTransaction,
  { emailKey, device }: Replacement,
): Promise<readonly AuditFact[]> {
  const owner = await transaction.account.findFirst({
    where: { signInKey: emailKey, deletedAt: null },
    select: { id: true },
  })
  const actor = { userId: null, device }
  return owner === null ? [] : [{ action: 'account.registration-refused', actor, subjectId: owner.id }]
}
