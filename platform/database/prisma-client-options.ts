import { createHash } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import type { Database } from './open-database.js'

/**
 * What a service gives its generated client: `new PrismaClient({ adapter: createPrismaAdapter(database) })`. The client
 * shares the database's pool, so disconnecting it leaves the pool open: `database.close()` ends both.
 */
export function createPrismaAdapter(database: Database): PrismaPg {
  return new PrismaPg(database.pool, {
    schema: database.schema,
    statementNameGenerator: ({ sql }) => statementName(sql),
  })
}

/**
 * How long a transaction waits for a connection (the pool's own 5 s end it first), and how long it may take. In a burst
 * transactions of one account, or of the audit log, wait for each other: with the client's own 2 s and 5 s a burst is refused
 * that the database is able to take. The server's limits (`lock_timeout`, `statement_timeout`) end what hangs.
 */
export const transactionOptions = { maxWait: 6_000, timeout: 20_000 } as const

/** Every connection keeps what it has prepared until it closes: a list of ids makes one statement a length, so there is a bound. */
const MAX_PREPARED = 1_000
const names = new Map<string, string>()

/** The name a statement is prepared under; without one (the empty name) it is planned anew each time. */
function statementName(sql: string): string {
  const known = names.get(sql)
  if (known !== undefined) return known
  if (names.size >= MAX_PREPARED) return ''
  const name = createHash('sha1').update(sql).digest('base64url')
  names.set(sql, name)
  return name
}
