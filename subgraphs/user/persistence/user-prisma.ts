import type { Database } from '../../../platform/database/open-database.js'
import { createPrismaAdapter, transactionOptions } from '../../../platform/database/prisma-client-options.js'
import { translateDatabaseErrors } from '../../../platform/database/translate-database-errors.js'
import { PrismaClient } from '../generated/prisma/client.js'

/** The client over user's tables; faults of the server come out of it as INT_DATABASE_ERROR. */
export function createUserPrisma(database: Database) {
  return new PrismaClient({ adapter: createPrismaAdapter(database), transactionOptions }).$extends(
    translateDatabaseErrors,
  )
}

export type UserPrisma = ReturnType<typeof createUserPrisma>

/** The same client inside a transaction. */
export type UserTransaction = Omit<UserPrisma, '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends'>
