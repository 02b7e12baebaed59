import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { GCM_KEY_BYTES, GCM_NONCE_BYTES, openGcm, sealGcm } from '../../../platform/crypto/aes-gcm.js'
import type { EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import type { AuditDetail } from '../domain/audit.js'

/** Somebody as the log knows them. */
export interface AuditPerson {
  readonly pseudonym: string
  readonly key: Uint8Array<ArrayBuffer>
}

/** A key of their own for somebody new, and its envelope. */
export function createPerson(cipher: EnvelopeCipher, userId: string) {
  const pseudonym = crypto.randomUUID()
  const key = new Uint8Array(randomBytes(GCM_KEY_BYTES))
  return { person: { pseudonym, key }, sealedKey: cipher.seal(key, contextOf(pseudonym, userId)) }
}

/** Throws EnvelopeError where the row was not made for this person. */
export function openPerson(cipher: EnvelopeCipher, row: PersonRow): AuditPerson {
  const { pseudonym, userId, sealedKey } = row
  return { pseudonym, key: cipher.open(sealedKey, contextOf(pseudonym, userId)) }
}

export interface PersonRow {
  readonly userId: string
  readonly pseudonym: string
  readonly sealedKey: Uint8Array
}

function contextOf(pseudonym: string, userId: string): string {
  return `audit:${pseudonym}:${userId}`
}

/** What an entry says beside action, actor and subject. */
export interface EntryDetails {
  readonly ipAddress: string | null
  readonly userAgent: string | null
  readonly details: Readonly<Record<string, AuditDetail>>
}

const storedDetails = z.object({
  ipAddress: z.string().nullable(),
  userAgent: z.string().nullable(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])),
})

/** Bound to its place in the chain: details can't be moved to another entry. */
export function sealDetails({ key }: AuditPerson, sequence: bigint, details: EntryDetails): Uint8Array<ArrayBuffer> {
  const nonce = randomBytes(GCM_NONCE_BYTES) // a person's key seals far fewer than 2^32 entries (SP 800-38D section 8.3)
  const plaintext = Buffer.from(JSON.stringify(details))
  return new Uint8Array(Buffer.concat([nonce, sealGcm({ key, nonce, plaintext, additionalData: placeOf(sequence) })]))
}

/** Throws EnvelopeError for details that are not this person's at this place. */
export function openDetails({ key }: AuditPerson, sequence: bigint, sealed: Uint8Array): EntryDetails {
  const nonce = sealed.subarray(0, GCM_NONCE_BYTES)
  const contents = sealed.subarray(GCM_NONCE_BYTES)
  const plaintext = openGcm({ key, nonce, sealed: contents, additionalData: placeOf(sequence) })
  return storedDetails.parse(JSON.parse(Buffer.from(plaintext).toString('utf8')))
}

function placeOf(sequence: bigint): Uint8Array {
  return Buffer.from(String(sequence))
}
