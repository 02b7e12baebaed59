import type { Database } from '../../../platform/database/open-database.js'
import { createPrismaAdapter, transactionOptions } from '../../../platform/database/prisma-client-options.js'
import { translateDatabaseErrors } from '../../../platform/database/translate-database-errors.js'
import { PrismaClient } from '../generated/prisma/client.js'

/** This service's client over its database; faults of the server come as INT_DATABASE_ERROR. */
export function createBiometricPrisma(database: Database) {
  return new PrismaClient({ adapter: createPrismaAdapter(database), transactionOptions }).$extends(
    translateDatabaseErrors,
  )
}

export type BiometricPrisma = ReturnType<typeof createBiometricPrisma>

type Callback = Extract<Parameters<BiometricPrisma['$transaction']>[0], (...given: never[]) => unknown>

export type Transaction = Parameters<Callback>[0]

/**
 * Runs work in one transaction and wakes the outbox relay after the commit. Rows are locked in this order everywhere, so
 * that no two transactions wait for each other: record, session, the user's failure total,
 * failure counter of the record.
 */
export type Transact = <Result>(
  work: (transaction: Transaction) => Promise<Result>,
  limits?: { readonly maxWait: number; readonly timeout: number },
) => Promise<Result>

export function createTransact(prisma: BiometricPrisma, wake: () => void): Transact {
  return async (work, limits) => {
    const result = await prisma.$transaction(work, limits)
    wake()
    return result
  }
}
