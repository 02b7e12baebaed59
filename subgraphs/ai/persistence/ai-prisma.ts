import type { Database } from '../../../platform/database/open-database.js'
import { createPrismaAdapter, transactionOptions } from '../../../platform/database/prisma-client-options.js'
import { translateDatabaseErrors } from '../../../platform/database/translate-database-errors.js'
import { PrismaClient } from '../generated/prisma/client.js'

/** The service's Prisma client over its database's pool; a server that is away shows as INT_DATABASE_ERROR. */
export function createAiPrisma(database: Database) {
  return new PrismaClient({ adapter: createPrismaAdapter(database), transactionOptions }).$extends(
    translateDatabaseErrors,
  )
}

export type AiPrisma = ReturnType<typeof createAiPrisma>

/** The client inside a transaction. */
export type AiTransaction = Parameters<Parameters<AiPrisma['$transaction']>[0]>[0]
