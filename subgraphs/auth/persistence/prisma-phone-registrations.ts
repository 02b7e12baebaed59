import { createEventRow } from '../../../platform/bus/event-row.js'
import { writeToOutbox } from '../../../platform/bus/outbox.js'
import { userRegistered } from '../../../schema/contracts/user-registered.js'
import type { AuditChain } from '../audit/audit-chain.js'
import type { PhoneAccount, PhoneRegistration, PhoneRegistrations } from '../domain/register-by-phone.js'
import type { AuthPrisma, AuthTransaction } from './auth-prisma.js'
import { replaceCodes } from './prisma-second-factors.js'

/** Registrations by phone, in Postgres. `committed` is called after a commit that wrote events. */
export function createPrismaPhoneRegistrations(
  prisma: AuthPrisma,
  audit: AuditChain,
  committed: () => void,
): PhoneRegistrations {
  return {
    async add(registration, fingerprint, expiresAt) {
      await prisma.phoneRegistration.create({ data: { ...registration, fingerprint, expiresAt } })
    },
    async find(fingerprint, at) {
      const row = await prisma.phoneRegistration.findFirst({ where: { fingerprint, expiresAt: { gt: at } } })
      return row && { id: row.id, number: row.number, passwordHash: row.passwordHash, displayName: row.displayName }
    },
    async open(registration, account) {
      const opened = await prisma.$transaction(async (transaction) => {
        const { count } = await transaction.phoneRegistration.deleteMany({ where: { id: registration.id } })
        if (count === 0) return 'over'
        const isNew = await addAccount(transaction, registration, account)
        const use = { usedAt: account.createdAt, dueAt: null, ...(isNew && { accountId: account.id }) }
        await transaction.smsCode.updateMany({ where: { registrationId: registration.id }, data: use })
        if (!isNew) return 'taken'
        const { id: userId, device, createdAt: at } = account
        const fact = { actor: { userId: null, device }, subjectId: userId } as const
        await audit.write(
          transaction,
          at,
          { ...fact, action: 'account.registered', details: { by: 'phone' } },
          { ...fact, action: 'phone.added' },
        )
        return 'opened'
      })
      if (opened === 'opened') committed()
      return opened
    },
  }
}

/** False where an account is found by the number: the index decides. */
async function addAccount(
  transaction: AuthTransaction,
  { number, passwordHash, displayName }: PhoneRegistration,
  { id, recoveryCodes, createdAt }: PhoneAccount,
): Promise<boolean> {
  const { count } = await transaction.account.createMany({
    data: [{ id, signInKey: number, passwordHash, createdAt }],
    skipDuplicates: true,
  })
  if (count === 0) return false
  await transaction.phone.create({ data: { accountId: id, number, confirmedAt: createdAt } })
  await replaceCodes(transaction, id, recoveryCodes)
  const event = createEventRow(userRegistered, { userId: id, displayName }, { actorId: id, now: createdAt })
  await writeToOutbox(transaction, event)
  return true
}
