/**
 * Envelope encryption for what must not be readable at rest. In: bytes and their context (such as the id of the record
 * they belong to). Out: a sealed envelope that only the right master key opens, in the same context. It refuses, with a
 * typed error and without a word about the contents, whatever was changed, truncated, moved to another record, or sealed
 * under a key it does not have.
 *
 * AES-256-GCM twice (NIST SP 800-38D): a random data key seals the contents, the master key seals the data key. So a
 * master key encrypts only short random keys, and changing it means sealing those again and never the contents.
 *
 * Layout of version 1, lengths in bytes:
 *
 *   1   version (1)
 *   1   k, length of the master key's id
 *   k   id of the master key, ASCII
 *   12  nonce of the wrapped data key
 *   48  data key, encrypted (32) and its tag (16); authenticated with it: version, k, id
 *   12  nonce of the contents
 *   n   contents, encrypted
 *   16  tag of the contents; authenticated with it: everything before the nonce of the contents, then the context in UTF-8
 */
import { randomBytes } from 'node:crypto'
import { openGcm, sealGcm, GCM_KEY_BYTES, GCM_NONCE_BYTES, GCM_TAG_BYTES } from './aes-gcm.js'
import { EnvelopeError } from './envelope-error.js'

export interface EnvelopeCipherOptions {
  /** 32 bytes each, by id: 1-32 letters, digits, dots, dashes, underscores. Old keys stay here until nothing is sealed under them. */
  readonly masterKeys: Readonly<Record<string, Uint8Array>>
  /** The id of the key that seals from now on. */
  readonly currentKeyId: string
}

export interface EnvelopeCipher {
  /** Seals under the current master key. Never twice the same bytes. */
  seal(plaintext: Uint8Array, context: string): Uint8Array<ArrayBuffer>
  /** The plaintext. Throws EnvelopeError: MALFORMED, UNKNOWN_KEY or NOT_AUTHENTIC (changed, or another context). */
  open(sealed: Uint8Array, context: string): Uint8Array<ArrayBuffer>
}

const VERSION = 1
const WRAPPED_KEY_BYTES = GCM_KEY_BYTES + GCM_TAG_BYTES
const KEY_ID = /^[A-Za-z0-9._-]{1,32}$/

/** Throws EnvelopeError BAD_KEY when a key is not 32 bytes, an id not fit, or the current key is not among them. */
export function createEnvelopeCipher({ masterKeys, currentKeyId }: EnvelopeCipherOptions): EnvelopeCipher {
  const keys = new Map(Object.entries(masterKeys))
  for (const [id, key] of keys) {
    if (!KEY_ID.test(id) || key.byteLength !== GCM_KEY_BYTES) throw new EnvelopeError('BAD_KEY')
  }
  const current = keys.get(currentKeyId)
  if (current === undefined) throw new EnvelopeError('BAD_KEY')
  return {
    seal: (plaintext, context) => seal(plaintext, context, currentKeyId, current),
    open: (sealed, context) => open(sealed, context, keys),
  }
}

/** The id of the master key an envelope is sealed under, without opening it. Throws EnvelopeError MALFORMED. */
export function masterKeyIdOf(sealed: Uint8Array): string {
  return parse(sealed).keyId
}

function seal(plaintext: Uint8Array, context: string, keyId: string, masterKey: Uint8Array): Uint8Array<ArrayBuffer> {
  const dataKey = randomBytes(GCM_KEY_BYTES)
  const id = Buffer.from(keyId, 'ascii')
  const prefix = Buffer.concat([Buffer.of(VERSION, id.length), id])
  const header = Buffer.concat([prefix, sealWithNonce(masterKey, dataKey, prefix)])
  const contents = sealWithNonce(dataKey, plaintext, Buffer.concat([header, Buffer.from(context, 'utf8')]))
  dataKey.fill(0)
  return joined(header, contents)
}

function open(sealed: Uint8Array, context: string, keys: ReadonlyMap<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  const { keyId, prefix, wrappedKey, header, contents } = parse(sealed)
  const masterKey = keys.get(keyId)
  if (masterKey === undefined) throw new EnvelopeError('UNKNOWN_KEY')
  const dataKey = openWithNonce(masterKey, wrappedKey, prefix)
  const plaintext = openWithNonce(dataKey, contents, Buffer.concat([header, Buffer.from(context, 'utf8')]))
  dataKey.fill(0)
  return plaintext
}

/** Cuts an envelope into its parts; every length is checked before it is used. */
function parse(sealed: Uint8Array) {
  const idLength = sealed[1] ?? 0
  const prefixEnd = 2 + idLength
  const headerEnd = prefixEnd + GCM_NONCE_BYTES + WRAPPED_KEY_BYTES
  if (sealed[0] !== VERSION || sealed.byteLength < headerEnd + GCM_NONCE_BYTES + GCM_TAG_BYTES) {
    throw new EnvelopeError('MALFORMED')
  }
  const keyId = Buffer.from(sealed.subarray(2, prefixEnd)).toString('latin1')
  if (!KEY_ID.test(keyId)) throw new EnvelopeError('MALFORMED')
  return {
    keyId,
    prefix: sealed.subarray(0, prefixEnd),
    wrappedKey: sealed.subarray(prefixEnd, headerEnd),
    header: sealed.subarray(0, headerEnd),
    contents: sealed.subarray(headerEnd),
  }
}

function sealWithNonce(key: Uint8Array, plaintext: Uint8Array, additionalData: Uint8Array): Uint8Array {
  // random nonces are safe here: a data key is used once, a master key far fewer than 2^32 times (SP 800-38D section 8.3)
  const nonce = randomBytes(GCM_NONCE_BYTES)
  return joined(nonce, sealGcm({ key, nonce, plaintext, additionalData }))
}

function openWithNonce(key: Uint8Array, bytes: Uint8Array, additionalData: Uint8Array): Uint8Array<ArrayBuffer> {
  const nonce = bytes.subarray(0, GCM_NONCE_BYTES)
  return openGcm({ key, nonce, sealed: bytes.subarray(GCM_NONCE_BYTES), additionalData })
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(first.byteLength + second.byteLength)
  all.set(first)
  all.set(second, first.byteLength)
  return all
}
