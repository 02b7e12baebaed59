import { z } from 'zod'
import { AppError } from '../../../platform/errors/app-error.js'
import { isEntityId } from '../../../platform/graphql/entity-id.js'

/** A name as capture devices give it: one line of printable text. */
const modelVersion = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(64, 'must have at most 64 characters')
  .regex(/^[\p{L}\p{N}\p{P}\p{S} ]*$/u, 'must be one line of printable characters')

export const enrollBiometricInput = z.object({
  type: z.enum(['FACE', 'VOICE', 'IRIS', 'FINGERPRINT', 'MULTI']),
  embedding: z.array(z.number()),
  modelVersion,
})

export const submitVerificationFrameInput = z.object({
  sessionId: z.string(),
  embedding: z.array(z.number()),
  modelVersion,
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
