import { z } from 'zod'
import { AppError } from '../../../platform/errors/app-error.js'
import { isEntityId } from '../../../platform/graphql/entity-id.js'
import { minutiaTypes, MOST_MINUTIAE } from '../domain/fingerprint/minutiae.js'

/** A name: one line of printable text. */
export const lineOfText = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(64, 'must have at most 64 characters')
  .regex(/^[\p{L}\p{N}\p{P}\p{S} ]*$/u, 'must be one line of printable characters')

const MOST_BASE64 = 16_384 // a finger record of 255 minutiae and extensions is a quarter of it

/** Bytes in base64 (RFC 4648, section 4). */
const base64Bytes = z
  .base64('must be base64')
  .max(MOST_BASE64, `must have at most ${MOST_BASE64} characters`)
  .transform((text) => new Uint8Array(Buffer.from(text, 'base64')))

const minutia = z
  .object({ x: z.number(), y: z.number(), direction: z.number(), type: z.enum(minutiaTypes) })
  .transform(({ direction, ...rest }) => ({ ...rest, direction: (direction / 180) * Math.PI }))

/** The ways a sample comes; which of them fits is the modality's to say. Null is as good as left out. */
export const sample = {
  embedding: z.array(z.number()).nullish().transform(leftOut),
  iris: z.object({ code: base64Bytes, mask: base64Bytes }).nullish().transform(leftOut),
  minutiae: z.array(minutia).max(MOST_MINUTIAE, `must be at most ${MOST_MINUTIAE}`).nullish().transform(leftOut),
  fingerRecord: base64Bytes.nullish().transform(leftOut),
}

function leftOut<Value>(value: Value | null | undefined): Value | undefined {
  return value ?? undefined
}

export const enrollBiometricInput = z.object({
  type: z.enum(['FACE', 'VOICE', 'IRIS', 'FINGERPRINT', 'MULTI']),
  ...sample,
  modelVersion: lineOfText,
})

export const renewBiometricInput = z.object({ recordId: z.string(), ...sample, modelVersion: lineOfText })

export const verifyBiometricInput = z.object({
  recordId: z.string(),
  ...sample,
  modelVersion: lineOfText,
  policy: z.string().nullish().transform(leftOut),
})

export const submitVerificationFrameInput = z.object({
  sessionId: z.string(),
  recordId: z.string().nullish().transform(leftOut),
  nonce: z.string(),
  ...sample,
  modelVersion: lineOfText,
  evidence: z.string().nullish().transform(leftOut),
})

const instantMs = z.int().min(0).max(253_402_300_799_999) // Postgres and JavaScript both write years of four digits

/** The sort key in the cursors of a list of records. */
export const recordCursor = z.tuple([instantMs, z.guid()])

/** An id as the database takes it, or null for what can be no id. */
export function idOrNull(text: string): string | null {
  return isEntityId(text) ? text : null
}

/** An id as the database takes it. Throws RES_NOT_FOUND for what can be none: it is answered like a missing one. */
export function requireId(text: string): string {
  const found = idOrNull(text)
  if (found === null) throw new AppError('RES_NOT_FOUND')
  return found
}
