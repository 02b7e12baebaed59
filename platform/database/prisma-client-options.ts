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
