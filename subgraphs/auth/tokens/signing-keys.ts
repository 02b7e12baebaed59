import { calculateJwkThumbprint, importJWK, type CryptoKey, type JWK } from 'jose'
import { z } from 'zod'

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be 32 bytes in base64url')

/** A private Ed25519 key as a JWK (RFC 8037). Without a `kid` it goes by its thumbprint (RFC 7638). */
export const signingKeySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: coordinate,
  d: coordinate,
  kid: z.string().min(1).max(128).optional(),
})

export type SigningKey = z.output<typeof signingKeySchema>

export interface SigningKeys {
  /** The key that signs now. */
  readonly current: { readonly kid: string; readonly key: CryptoKey }
  /** The public parts of all keys, as a verifier fetches them (RFC 7517 section 5). */
  readonly publicSet: { readonly keys: readonly JWK[] }
}

/**
 * The first key signs, all are published. A key is rotated by putting a new one first: tokens of the one behind it stay
 * good until they expire, and a key that waits its turn at the end is known to verifiers before it signs.
 */
export async function openSigningKeys(keys: readonly SigningKey[]): Promise<SigningKeys> {
  const [first] = keys
  if (first === undefined) throw new RangeError('Tokens need at least one signing key.')
  const key = await importJWK(first, 'EdDSA')
  if (key instanceof Uint8Array) throw new TypeError('A signing key must be asymmetric.')
  const publicKeys = await Promise.all(keys.map(publicPart))
  return { current: { kid: await kidOf(first), key }, publicSet: { keys: publicKeys } }
}

async function publicPart(jwk: SigningKey): Promise<JWK> {
  const { kty, crv, x } = jwk
  return { kty, crv, x, kid: await kidOf(jwk), alg: 'EdDSA', use: 'sig' }
}

async function kidOf({ kid, kty, crv, x }: SigningKey): Promise<string> {
  return kid ?? calculateJwkThumbprint({ kty, crv, x })
}
