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
 * Keys at hand, of which the first signs and all are published: for whoever has no store of them. The house's own come and go
 * by a schedule, see key-ring.ts.
 */
export async function openSigningKeys(keys: readonly SigningKey[]): Promise<SigningKeys> {
  const [first] = keys
  if (first === undefined) throw new RangeError('Tokens need at least one signing key.')
  const published = await Promise.all(keys.map(async (key) => publicPart(key.x, await kidOf(key))))
  return { current: { kid: await kidOf(first), key: await openSigningKey(first) }, publicSet: { keys: published } }
}

/** Fit to sign with. */
export async function openSigningKey(jwk: SigningKey): Promise<CryptoKey> {
  const key = await importJWK(jwk, 'EdDSA')
  if (key instanceof Uint8Array) throw new TypeError('A signing key must be asymmetric.')
  return key
}

/** What is published of a key. */
export function publicPart(x: string, kid: string): JWK {
  return { kty: 'OKP', crv: 'Ed25519', x, kid, alg: 'EdDSA', use: 'sig' }
}

/** The name it was given, else its thumbprint (RFC 7638). */
export async function kidOf({ kid, kty, crv, x }: SigningKey): Promise<string> {
  return kid ?? calculateJwkThumbprint({ kty, crv, x })
}
