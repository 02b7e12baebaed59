import { z } from 'zod'
import type { DeviceKey } from '../domain/evidence/capture-device.js'

const COORDINATE = /^[A-Za-z0-9_-]{43}$/ // 32 bytes in base64url
const coordinate = z.string().regex(COORDINATE)

/** A public key as a JSON Web Key: what else stands in it is dropped, and a private one is refused. */
export const deviceKey: z.ZodType<DeviceKey> = z
  .looseObject({ kty: z.string() })
  .refine((key) => !('d' in key), 'must not hold the private part')
  .pipe(
    z.discriminatedUnion('kty', [
      z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate }),
      z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: coordinate }),
    ]),
  )

/** The same in text. */
export const deviceKeyText = z
  .string()
  .max(2_000, 'must have at most 2000 characters')
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a JSON Web Key: P-256 or Ed25519, the public part' })
      return z.NEVER
    }
  })
  .pipe(deviceKey)
