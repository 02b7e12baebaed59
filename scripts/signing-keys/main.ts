/**
 * `npm run rotate-signing-keys`: the next signing key signs from now on, and tokens of the one before stay good. With
 * `-- --revoke KEY-ID`, for a key that was stolen: it is taken away, and everything it signed is refused. In: DATABASE_URL and
 * AUTH_MASTER_KEYS. Out: the keys as they are then; running services follow within seconds. It refuses a key there is none of.
 */
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { masterKeys } from '../../platform/config/master-keys.js'
import { readEnvironment } from '../../platform/config/read-config.js'
import { createEnvelopeCipher } from '../../platform/crypto/envelope.js'
import { openDatabase } from '../../platform/database/open-database.js'
import { createLogger } from '../../platform/log/logger.js'
import { authDefaults } from '../../subgraphs/auth/config.js'
import { createAuthPrisma } from '../../subgraphs/auth/persistence/auth-prisma.js'
import { createPrismaSigningKeys } from '../../subgraphs/auth/persistence/prisma-signing-keys.js'
import { completed, type StoredKey } from '../../subgraphs/auth/tokens/key-ring.js'
import { changesDue, keyTimes, stateOf } from '../../subgraphs/auth/tokens/key-schedule.js'

const variables = z.object({
  DATABASE_URL: z.string('is not set: the database of auth'),
  AUTH_MASTER_KEYS: masterKeys,
})

async function main(): Promise<void> {
  const { revoke } = parseArgs({ options: { revoke: { type: 'string' } } }).values
  const { DATABASE_URL: url, AUTH_MASTER_KEYS: master } = readEnvironment('rotate-signing-keys', variables, process.env)
  const logger = createLogger({ service: 'rotate-signing-keys', level: 'warn' })
  const database = await openDatabase({ url, schema: 'auth', maxConnections: 2, logger })
  const prisma = createAuthPrisma(database)
  try {
    const cipher = createEnvelopeCipher({ masterKeys: master.keys, currentKeyId: master.currentKeyId })
    const store = createPrismaSigningKeys(prisma, cipher, () => undefined) // auth's own relay finds the event
    const at = new Date()
    const schedule = { ...keyTimes, rotateAfterMs: authDefaults.keyRotationMs }
    const due = (isForced: boolean) => (keys: readonly StoredKey[]) =>
      completed(changesDue(keys, at, schedule, isForced))
    if (revoke === undefined) await store.change(at, due(true))
    else if (!(await store.revoke(revoke, at, due(false)))) return refuse(revoke, await store.list())
    for (const key of await store.list()) console.log(`${key.kid}  ${stateOf(key)}`)
  } finally {
    await prisma.$disconnect()
    await database.close()
  }
}

function refuse(kid: string, keys: readonly StoredKey[]): void {
  console.error(`There is no key ${kid}. Keys: ${keys.map((key) => `${key.kid} (${stateOf(key)})`).join(', ')}.`)
  process.exitCode = 1
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
