import { createEventRow } from '../../../platform/bus/event-row.js'
import { writeToOutbox } from '../../../platform/bus/outbox.js'
import type { EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import { keyRevoked } from '../../../schema/contracts/key-revoked.js'
import type { KeyChange, KeyStore, StoredKey } from '../tokens/key-ring.js'
import { kidOf, signingKeySchema, type SigningKey } from '../tokens/signing-keys.js'
import type { AuthPrisma, AuthTransaction } from './auth-prisma.js'

export interface PrismaSigningKeys extends KeyStore {
  /**
   * Takes a key away at once and tells `key.revoked`: what it signed is refused everywhere. Where it was the current one,
   * `replace` is done with it. False where there is no such key.
   */
  revoke(kid: string, at: Date, replace: (keys: readonly StoredKey[]) => KeyChange | null): Promise<boolean>
}

const KEYS_LOCK = 4_203 // one process changes keys, the others find them changed

/** Signing keys in Postgres, private ones sealed. `committed` is called after a commit that wrote events. */
export function createPrismaSigningKeys(
  prisma: AuthPrisma,
  cipher: EnvelopeCipher,
  committed: () => void,
): PrismaSigningKeys {
  const locked = <T>(work: (transaction: AuthTransaction) => Promise<T>): Promise<T> =>
    prisma.$transaction(async (transaction) => {
      await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${KEYS_LOCK}, hashtext(current_schema()))`
      return work(transaction)
    })
  const apply = async (transaction: AuthTransaction, at: Date, change: KeyChange | null): Promise<void> => {
    if (change === null) return
    const { retire, promote, make, made, imported, remove } = change
    const retired = { retiredAt: at, sealedKey: null }
    if (retire !== null) await transaction.signingKey.update({ where: { id: retire }, data: retired })
    if (promote !== null) await transaction.signingKey.update({ where: { id: promote }, data: { signsFrom: at } })
    for (const [index, key] of imported.entries())
      await insert(transaction, cipher, key, { createdAt: at, signsFrom: at, retiredAt: index === 0 ? null : at })
    if (made !== null)
      await insert(transaction, cipher, made, {
        createdAt: at,
        signsFrom: make === 'current' ? at : null,
        retiredAt: null,
      })
    await transaction.signingKey.deleteMany({ where: { id: { in: [...remove] } } })
  }
  return {
    list: () => list(prisma),
    async open(id) {
      const row = await prisma.signingKey.findUnique({ where: { id } })
      const sealed = row?.sealedKey ?? null
      if (sealed === null) return null
      const text = Buffer.from(cipher.open(sealed, contextOf(id))).toString('utf8')
      return signingKeySchema.parse(JSON.parse(text))
    },
    change: (at, decide) => locked(async (transaction) => apply(transaction, at, decide(await list(transaction)))),
    async revoke(kid, at, replace) {
      const isRevoked = await locked(async (transaction) => {
        const { count } = await transaction.signingKey.deleteMany({ where: { id: kid } })
        if (count === 0) return false
        await writeToOutbox(transaction, createEventRow(keyRevoked, { keyId: kid }, { now: at }))
        await apply(transaction, at, replace(await list(transaction)))
        return true
      })
      committed()
      return isRevoked
    },
  }
}

async function list(reader: Pick<AuthTransaction, 'signingKey'>): Promise<readonly StoredKey[]> {
  const rows = await reader.signingKey.findMany({
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
    omit: { sealedKey: true },
  })
  return rows.map(({ id: kid, publicX: x, ...life }) => ({ kid, publicKey: { x }, ...life }))
}

async function insert(
  transaction: AuthTransaction,
  cipher: EnvelopeCipher,
  key: SigningKey,
  life: Pick<StoredKey, 'createdAt' | 'signsFrom' | 'retiredAt'>,
): Promise<void> {
  const id = await kidOf(key)
  const sealedKey = life.retiredAt === null ? cipher.seal(Buffer.from(JSON.stringify(key)), contextOf(id)) : null
  await transaction.signingKey.create({ data: { id, publicX: key.x, sealedKey, ...life } })
}

function contextOf(kid: string): string {
  return `signing-key:${kid}`
}
