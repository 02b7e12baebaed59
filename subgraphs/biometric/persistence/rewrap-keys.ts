/**
 * Brings everything that is sealed under an old master key under the current one. In: a cipher that has both. Out: how much there is
 * to do, and batches of it, each a transaction: whoever is killed goes on where they stopped, because what is done is no longer
 * found. It seals persons' keys anew and never their templates, but for those older than persons' keys.
 */
import { z } from 'zod'
import type { EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import type { BiometricPrisma, Transaction } from './biometric-prisma.js'
import { keyContext, PERSON_KEY_ID, type PersonKeys } from './person-keys.js'
import { lockEnrolments } from './prisma-consents.js'
import { templateContext } from './prisma-templates.js'
import { webhookContext } from './prisma-webhooks.js'

export interface RewrapKeys {
  /** What is sealed under another key than the current one, by kind. */
  remaining(): Promise<Readonly<Record<RewrapKind, number>>>
  /** Seals up to `most` anew. Gives how many; zero when none is left. Throws EnvelopeError where one does not open. */
  batch(kind: RewrapKind, most: number): Promise<number>
}

export const rewrapKinds = ['keys of people', 'templates older than those', 'secrets of webhooks'] as const
export type RewrapKind = (typeof rewrapKinds)[number]

interface RewrapParts {
  readonly prisma: BiometricPrisma
  readonly cipher: EnvelopeCipher
  readonly currentKeyId: string
  readonly personKeys: PersonKeys
  readonly now: () => Date
}

/** SQL that reads the id of the key an envelope names (its layout stands in platform/crypto/envelope.ts). */
const keyIdOf = (column: string) => `convert_from(substring(${column} FROM 3 FOR get_byte(${column}, 1)), 'LATIN1')`

const ids = z.array(z.object({ id: z.string() }))
const counted = z.tuple([z.object({ count: z.int() })])

export function createRewrapKeys(parts: RewrapParts): RewrapKeys {
  const { prisma, currentKeyId } = parts
  const works = createWorks(parts)
  const count = async (kind: RewrapKind) => {
    const found = await prisma.$queryRawUnsafe(
      `SELECT count(*)::int AS count FROM (${works[kind].rows}) AS old`,
      currentKeyId,
    )
    return counted.parse(found)[0].count
  }
  return {
    async remaining() {
      const [keys, templates, secrets] = [
        await count(rewrapKinds[0]),
        await count(rewrapKinds[1]),
        await count(rewrapKinds[2]),
      ]
      return { 'keys of people': keys, 'templates older than those': templates, 'secrets of webhooks': secrets }
    },
    batch: (kind, most) =>
      prisma.$transaction(async (transaction) => {
        const { rows, rewrap } = works[kind]
        const found = await transaction.$queryRawUnsafe(`${rows} ORDER BY 1 LIMIT ${most} FOR UPDATE`, currentKeyId)
        const due = ids.parse(found)
        for (const { id } of due) await rewrap(transaction, id)
        return due.length
      }),
  }
}

interface Work {
  /** The rows that are to be sealed anew, by `id`; `$1` is the current key's id. */
  readonly rows: string
  readonly rewrap: (transaction: Transaction, id: string) => Promise<void>
}

function createWorks({ cipher, personKeys, now }: RewrapParts): Readonly<Record<RewrapKind, Work>> {
  const isOld = (column: string) => `${keyIdOf(column)} NOT IN ($1, '${PERSON_KEY_ID}')`
  const again = (sealed: Uint8Array, context: string) => {
    const plaintext = cipher.open(sealed, context)
    try {
      return cipher.seal(plaintext, context)
    } finally {
      plaintext.fill(0)
    }
  }
  return {
    'keys of people': {
      rows: `SELECT user_id AS id FROM person_keys WHERE ${isOld('sealed_key')}`,
      async rewrap(transaction, userId) {
        const row = await transaction.personKey.findUniqueOrThrow({ where: { userId } })
        const sealedKey = again(row.sealedKey, keyContext(userId))
        await transaction.personKey.update({ where: { userId }, data: { sealedKey } })
      },
    },
    'templates older than those': {
      rows: `SELECT record_id AS id FROM biometric_templates WHERE ${isOld('sealed')}`,
      async rewrap(transaction, recordId) {
        const row = await transaction.biometricTemplate.findUniqueOrThrow({
          where: { recordId },
          include: { record: true },
        })
        await lockEnrolments(transaction, row.record.userId)
        const persons = await personKeys.ensure(transaction, row.record.userId, now())
        const context = templateContext(row.record)
        const template = cipher.open(row.sealed, context)
        const sealed = persons.seal(template, context)
        template.fill(0)
        await transaction.biometricTemplate.update({ where: { recordId }, data: { sealed } })
      },
    },
    'secrets of webhooks': {
      rows: `SELECT id FROM webhooks
        WHERE ${isOld('sealed_secret')} OR (previous_sealed_secret IS NOT NULL AND ${isOld('previous_sealed_secret')})`,
      async rewrap(transaction, id) {
        const { sealedSecret, previousSealedSecret } = await transaction.webhook.findUniqueOrThrow({ where: { id } })
        const context = webhookContext(id)
        const previous = previousSealedSecret && again(previousSealedSecret, context)
        const data = { sealedSecret: again(sealedSecret, context), previousSealedSecret: previous }
        await transaction.webhook.update({ where: { id }, data })
      },
    },
  }
}
