import { isDeepStrictEqual } from 'node:util'
import type { ReadablePolicies } from '../domain/choose-policy.js'
import type { WritablePolicies } from '../domain/define-policy.js'
import { termsOf, type Policy } from '../domain/policy.js'
import type { BiometricPrisma, Transact, Transaction } from './biometric-prisma.js'

export interface PrismaPolicies extends ReadablePolicies, WritablePolicies {
  /** In any order; ids that are nobody's are left out. */
  find(ids: readonly string[]): Promise<Policy[]>
  /** The newest version of every name, by name; retired ones too. */
  list(): Promise<Policy[]>
}

/** Versions of policies: added, read and retired, never changed and never deleted. */
export function createPrismaPolicies(prisma: BiometricPrisma, transact: Transact): PrismaPolicies {
  return {
    newest: (name) => newestOf(prisma, name),
    find: (ids) => prisma.verificationPolicy.findMany({ where: { id: { in: [...ids] } } }),
    list: () =>
      prisma.verificationPolicy.findMany({
        distinct: ['name'],
        orderBy: [{ name: 'asc' }, { version: 'desc' }],
      }),
    write: (policy, now) =>
      transact(async (transaction) => {
        await lockName(transaction, policy.name)
        const newest = await newestOf(transaction, policy.name)
        if (newest !== null && newest.modality !== policy.modality) return null
        if (newest?.retiredAt === null && isDeepStrictEqual(termsOf(newest), termsOf(policy))) return newest
        const version = (newest?.version ?? 0) + 1
        const { name, modality } = policy
        return transaction.verificationPolicy.create({
          data: { id: crypto.randomUUID(), name, version, modality, ...termsOf(policy), createdAt: now },
        })
      }),
    retire: (name, now) =>
      transact(async (transaction) => {
        await lockName(transaction, name)
        const newest = await newestOf(transaction, name)
        if (newest === null || newest.retiredAt !== null) return newest
        return transaction.verificationPolicy.update({ where: { id: newest.id }, data: { retiredAt: now } })
      }),
  }
}

function newestOf(prisma: BiometricPrisma | Transaction, name: string): Promise<Policy | null> {
  return prisma.verificationPolicy.findFirst({ where: { name }, orderBy: { version: 'desc' } })
}

/** Writers of one name one after the other: together they would make one version twice. */
async function lockName(transaction: Transaction, name: string): Promise<void> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('policy ' || ${name}::text, 0))`
}
