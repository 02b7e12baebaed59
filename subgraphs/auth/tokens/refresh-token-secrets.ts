import { createHash, hkdfSync, randomBytes } from 'node:crypto'
import { compactDecrypt, CompactEncrypt } from 'jose'
import type { RefreshTokenSecrets } from '../domain/refresh-token-secrets.js'

/**
 * Tokens are 256 random bits, so a plain SHA-256 is a one-way fingerprint of them. A successor is sealed with AES-256-GCM
 * under a key derived from its predecessor by HKDF (RFC 5869): a thief of the table opens nothing with it.
 */
export function createRefreshTokenSecrets(): RefreshTokenSecrets {
  return {
    create: () => randomBytes(32).toString('base64url'),
    fingerprint: (token) => new Uint8Array(createHash('sha256').update(token).digest()),
    seal: (successor, under) =>
      new CompactEncrypt(new TextEncoder().encode(successor))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(sealingKey(under)),
    async open(sealed, under) {
      const { plaintext } = await compactDecrypt(sealed, sealingKey(under), {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      })
      return new TextDecoder().decode(plaintext)
    },
  }
}

function sealingKey(token: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', token, '', 'refresh token successor', 32))
}
