/**
 * A key of their own for everybody who enrols. In: a person's id. Out: a cipher that seals and opens their templates alone. The
 * key stands in a row of its own, sealed under the master key; with that row gone nothing opens what was sealed, wherever
 * copies of it are.
 */
import { randomBytes } from 'node:crypto'
import { GCM_KEY_BYTES } from '../../../platform/crypto/aes-gcm.js'
import { createEnvelopeCipher, type EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import type { BiometricPrisma, Transaction } from './biometric-prisma.js'

/** What envelopes name as their key where it is the person's own. */
export const PERSON_KEY_ID = '.person'

export interface PersonKeys {
  /** The person's cipher; whoever is new gets a key. Call it under the lock of the person's enrolments. */
  ensure(transaction: Transaction, userId: string, at: Date): Promise<EnvelopeCipher>
  /** Null when there is no key, or none any more. */
  find(prisma: BiometricPrisma, userId: string): Promise<EnvelopeCipher | null>
  /** The cipher of a key as its row has it. */
  open(userId: string, sealedKey: Uint8Array): EnvelopeCipher
}

export function createPersonKeys(cipher: EnvelopeCipher): PersonKeys {
  const opened = (userId: string, sealedKey: Uint8Array) => personCipher(cipher.open(sealedKey, keyContext(userId)))
  return {
    async ensure(transaction, userId, createdAt) {
      const row = await transaction.personKey.findUnique({ where: { userId } })
      if (row !== null) return opened(userId, row.sealedKey)
      const key = new Uint8Array(randomBytes(GCM_KEY_BYTES))
      await transaction.personKey.create({
        data: { userId, createdAt, sealedKey: cipher.seal(key, keyContext(userId)) },
      })
      return personCipher(key)
    },
    async find(prisma, userId) {
      const row = await prisma.personKey.findUnique({ where: { userId } })
      return row && opened(userId, row.sealedKey)
    },
    open: opened,
  }
}

function personCipher(key: Uint8Array): EnvelopeCipher {
  return createEnvelopeCipher({ masterKeys: { [PERSON_KEY_ID]: key }, currentKeyId: PERSON_KEY_ID })
}

/** What a sealed key is bound to. */
export function keyContext(userId: string): string {
  return `key of user ${userId}`
}
