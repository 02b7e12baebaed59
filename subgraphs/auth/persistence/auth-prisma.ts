import type { Database } from '../../../platform/database/open-database.js'
import { createPrismaAdapter, transactionOptions } from '../../../platform/database/prisma-client-options.js'
import { translateDatabaseErrors } from '../../../platform/database/translate-database-errors.js'
import { PrismaClient } from '../generated/prisma/client.js'

/** The client over auth's tables; faults of the server come out of it as INT_DATABASE_ERROR. */
export function createAuthPrisma(database: Database) {
  return new PrismaClient({ adapter: createPrismaAdapter(database), transactionOptions }).$extends(
    translateDatabaseErrors,
  )
}

export type AuthPrisma = ReturnType<typeof createAuthPrisma>

/** The same client inside a transaction. */
export type AuthTransaction = Omit<AuthPrisma, '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends'>
