import { randomBytes } from 'node:crypto'

const NONCE_BYTES = 32

/** What one frame carries, to show that it was captured for it: 256 random bits in base64url. */
export function createNonce(): string {
  return randomBytes(NONCE_BYTES).toString('base64url')
}
