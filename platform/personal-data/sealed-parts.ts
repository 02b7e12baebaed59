/**
 * Parts of an export as they travel over the bus, which keeps events for days. In: bytes, and which part of which answer they
 * are. Out: a JWE (RFC 7516, ECDH-ES on P-256 with A256GCM) that only the export's own key opens, as that part alone. It
 * refuses what was changed or is another part.
 */
import { CompactEncrypt, compactDecrypt, exportJWK, generateKeyPair, importJWK } from 'jose'
import { z } from 'zod'

export const exportPublicKey = z.strictObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string().length(43),
  y: z.string().length(43),
})

const privateKey = exportPublicKey.extend({ d: z.string().length(43) })

export type ExportPublicKey = z.infer<typeof exportPublicKey>
export type ExportPrivateKey = z.infer<typeof privateKey>

/** Which part of which answer; bound to the bytes. */
export interface PartPlace {
  readonly exportId: string
  readonly service: string
  readonly answerId: string
  /** From 1. */
  readonly number: number
}

const ALGORITHMS = { alg: 'ECDH-ES', enc: 'A256GCM' } as const

/** A new pair of keys for one export, as JWK. */
export async function createExportKeys(): Promise<{ publicKey: ExportPublicKey; privateKey: Uint8Array }> {
  const pair = await generateKeyPair(ALGORITHMS.alg, { crv: 'P-256', extractable: true })
  const jwk = privateKey.parse(await exportJWK(pair.privateKey))
  const { kty, crv, x, y } = jwk
  return { publicKey: { kty, crv, x, y }, privateKey: new TextEncoder().encode(JSON.stringify(jwk)) }
}

/** Seals one part. */
export async function sealPart(bytes: Uint8Array, place: PartPlace, recipient: ExportPublicKey): Promise<string> {
  return new CompactEncrypt(bytes)
    .setProtectedHeader({ ...ALGORITHMS, part: placeText(place) })
    .encrypt(await importJWK(recipient, ALGORITHMS.alg))
}

/** The bytes of a sealed part. Throws when it was changed, is another part, or is for another key. */
export async function openPart(sealed: string, place: PartPlace, recipient: Uint8Array): Promise<Uint8Array> {
  const jwk = privateKey.parse(JSON.parse(new TextDecoder().decode(recipient)))
  const { plaintext, protectedHeader } = await compactDecrypt(sealed, await importJWK(jwk, ALGORITHMS.alg), {
    keyManagementAlgorithms: [ALGORITHMS.alg],
    contentEncryptionAlgorithms: [ALGORITHMS.enc],
  })
  if (protectedHeader['part'] !== placeText(place)) throw new Error('The sealed part of an export is another part.')
  return plaintext
}

function placeText({ exportId, service, answerId, number }: PartPlace): string {
  return [exportId, service, answerId, number].join('/')
}
