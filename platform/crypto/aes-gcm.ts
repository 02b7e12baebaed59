import { createCipheriv, createDecipheriv } from 'node:crypto'
import { EnvelopeError } from './envelope-error.js'

export const GCM_KEY_BYTES = 32
export const GCM_NONCE_BYTES = 12
export const GCM_TAG_BYTES = 16 // never shorter: a short tag makes forgeries cheap (SP 800-38D appendix C)

interface GcmInput {
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  readonly additionalData: Uint8Array
}

/** AES-256-GCM (NIST SP 800-38D): ciphertext, then the 16-byte tag. */
export function sealGcm({
  key,
  nonce,
  additionalData,
  plaintext,
}: GcmInput & { readonly plaintext: Uint8Array }): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: GCM_TAG_BYTES })
  cipher.setAAD(additionalData)
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

/** The plaintext of what `sealGcm` made. Throws EnvelopeError NOT_AUTHENTIC. */
export function openGcm({
  key,
  nonce,
  additionalData,
  sealed,
}: GcmInput & { readonly sealed: Uint8Array }): Uint8Array<ArrayBuffer> {
  const tagAt = sealed.byteLength - GCM_TAG_BYTES
  if (tagAt < 0) throw new EnvelopeError('NOT_AUTHENTIC')
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: GCM_TAG_BYTES })
  decipher.setAAD(additionalData)
  decipher.setAuthTag(sealed.subarray(tagAt))
  try {
    return new Uint8Array(Buffer.concat([decipher.update(sealed.subarray(0, tagAt)), decipher.final()]))
  } catch (error) {
    throw new EnvelopeError('NOT_AUTHENTIC', { cause: error })
  }
}
