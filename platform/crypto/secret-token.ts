/**
 * Secrets that are handed out once and recognised later. In: nothing. Out: 256 random bits as 43 characters of base64url, and
 * their SHA-256, which alone is stored: who reads the table can't use it, and there is nothing to guess.
 */
import { createHash, randomBytes } from 'node:crypto'

const TOKEN_BYTES = 32

export interface SecretToken {
  readonly token: string
  readonly fingerprint: Uint8Array<ArrayBuffer>
}

export function createSecretToken(): SecretToken {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  return { token, fingerprint: fingerprintOfToken(token) }
}

/** Of any text; one that was never handed out has a fingerprint that is nowhere. */
export function fingerprintOfToken(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(token).digest())
}
