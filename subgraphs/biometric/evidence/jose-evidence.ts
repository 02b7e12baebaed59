/**
 * Evidence as a JWS in compact form (RFC 7515). Header: `alg` ES256 or EdDSA, as the registered key has it, `kid` the device's id, `typ`
 * `biometric-evidence+jws`. Payload: `nonce`, `sid` (the verification), `sample`, `iat` (RFC 7519 section 4.1.6) and `pad`.
 */
import { compactVerify, decodeProtectedHeader, errors, importJWK } from 'jose'
import { z } from 'zod'
import type { CaptureDevice } from '../domain/evidence/capture-device.js'
import type { EvidenceReader } from '../domain/evidence/check-evidence.js'

const TYPE = 'biometric-evidence+jws' // so that nothing else the device may sign passes for it (RFC 8725 section 3.11)
const LONGEST = 4_096

const header = z.object({ kid: z.uuid(), typ: z.literal(TYPE) })

const payload = z.object({
  nonce: z.string(),
  sid: z.string(),
  sample: z.string(),
  iat: z.number().min(0).max(253_402_300_799),
  pad: z.object({ result: z.enum(['bona_fide', 'attack']) }),
})

export const joseEvidence: EvidenceReader = {
  deviceIdOf(signed) {
    if (signed.length > LONGEST) return null
    try {
      return header.safeParse(decodeProtectedHeader(signed)).data?.kid ?? null
    } catch {
      return null // no JWS
    }
  },
  async verify(signed, { publicKey }: CaptureDevice) {
    const algorithm = publicKey.kty === 'EC' ? 'ES256' : 'EdDSA'
    try {
      const key = await importJWK({ ...publicKey }, algorithm)
      const verified = await compactVerify(signed, key, { algorithms: [algorithm] })
      const read = payload.safeParse(JSON.parse(new TextDecoder().decode(verified.payload)))
      if (!read.success) return null
      const { nonce, sid: sessionId, sample, iat, pad } = read.data
      return { nonce, sessionId, sample, signedAt: new Date(iat * 1000), presentation: pad.result }
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof SyntaxError || error instanceof TypeError) return null
      throw error
    }
  },
}
