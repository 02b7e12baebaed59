import type { Database } from '../../../platform/database/open-database.js'
import { createPrismaAdapter } from '../../../platform/database/prisma-client-options.js'
import { translateDatabaseErrors } from '../../../platform/database/translate-database-errors.js'
import { PrismaClient } from '../generated/prisma/client.js'

// transactions end one after the other, in the order of the audit log: a burst waits for its turn
const PATIENCE = { maxWait: 10_000, timeout: 10_000 }

/** The client over auth's tables; faults of the server come out of it as INT_DATABASE_ERROR. */
export function createAuthPrisma(database: Database) {
  return new PrismaClient({ adapter: createPrismaAdapter(database), transactionOptions: PATIENCE }).$extends(
    translateDatabaseErrors,
  )
}

export type AuthPrisma = ReturnType<typeof createAuthPrisma>

/** The same client inside a transaction. */
export type AuthTransaction = Omit<AuthPrisma, '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends'>
