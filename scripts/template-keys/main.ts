/**
 * `npm run rotate-template-keys`: everything of biometric that is sealed under an old master key is sealed under the current one. In:
 * DATABASE_URL, BIOMETRIC_MASTER_KEYS with both, BIOMETRIC_MASTER_KEY_ID. Out: its progress, and at the end which keys may be taken
 * away. It may be killed and run again at any time, beside services at work; start those with the current key before it.
 */
import { openDatabase } from '../../platform/database/open-database.js'
import { z } from 'zod'
import { readEnvironment } from '../../platform/config/read-config.js'
import { createEnvelopeCipher } from '../../platform/crypto/envelope.js'
import { createLogger } from '../../platform/log/logger.js'
import { biometricVariables } from '../../subgraphs/biometric/config.js'
import { createBiometricPrisma } from '../../subgraphs/biometric/persistence/biometric-prisma.js'
import { createPersonKeys } from '../../subgraphs/biometric/persistence/person-keys.js'
import { createRewrapKeys, rewrapKinds, type RewrapKeys } from '../../subgraphs/biometric/persistence/rewrap-keys.js'

const BATCH = 100 // rows locked at a time, for a fraction of a second

const variables = z.object({
  DATABASE_URL: z.string('is not set: the database of biometric'),
  BIOMETRIC_MASTER_KEYS: biometricVariables.BIOMETRIC_MASTER_KEYS,
  BIOMETRIC_MASTER_KEY_ID: biometricVariables.BIOMETRIC_MASTER_KEY_ID,
})

async function main(): Promise<void> {
  const read = readEnvironment('rotate-template-keys', variables, process.env)
  const { keys } = read.BIOMETRIC_MASTER_KEYS
  const currentKeyId = read.BIOMETRIC_MASTER_KEY_ID
  const cipher = createEnvelopeCipher({ masterKeys: keys, currentKeyId })
  const logger = createLogger({ service: 'rotate-template-keys', level: 'warn' })
  const database = await openDatabase({ url: read.DATABASE_URL, schema: 'biometric', maxConnections: 2, logger })
  const prisma = createBiometricPrisma(database)
  try {
    const personKeys = createPersonKeys(cipher)
    await rewrapAll(createRewrapKeys({ prisma, cipher, currentKeyId, personKeys, now: () => new Date() }))
    const others = Object.keys(keys).filter((id) => id !== currentKeyId)
    const removable =
      others.length === 0 ? '' : ` Once every service runs without them, take away: ${others.join(', ')}.`
    console.log(`Nothing is sealed under another key than ${currentKeyId}.${removable}`)
  } finally {
    await prisma.$disconnect()
    await database.close()
  }
}

async function rewrapAll(rewrap: RewrapKeys): Promise<void> {
  const total = await rewrap.remaining()
  for (const kind of rewrapKinds) {
    let done = 0
    for (;;) {
      const count = await rewrap.batch(kind, BATCH)
      done += count
      if (count > 0 || done === 0) console.log(`${kind}: ${done} of ${total[kind]}`)
      if (count === 0) break
    }
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
