import type { CapturedSample } from './modality.js'
import type { VerificationStart } from './start-verification.js'
import type { Frame } from './submit-frame.js'
import type { VerificationSession } from './verification-session.js'

/** A start, and the one frame it is for. */
export interface SingleVerification extends Omit<VerificationStart, 'attempts' | 'recordIds'>, CapturedSample {
  readonly recordId: string
  readonly modelVersion: string
  readonly sampleDigest: string
}

interface OnceParts {
  readonly start: (start: VerificationStart) => Promise<VerificationSession>
  readonly submit: (frame: Frame) => Promise<VerificationSession>
  readonly cancel: (sessionId: string, userId: string) => Promise<VerificationSession>
}

/**
 * A session of one frame, begun and decided in one call. Throws what `createStartVerification` and `createSubmitFrame` do; a frame
 * that is refused cancels the session, since nobody knows of it to send another.
 */
export function createVerifyOnce({ start, submit, cancel }: OnceParts) {
  return async ({ recordId, policy, mayWeaken, ...frame }: SingleVerification): Promise<VerificationSession> => {
    const { userId, origin } = frame
    const session = await start({ userId, recordIds: [recordId], origin, policy, mayWeaken, attempts: 1 })
    try {
      return await submit({ ...frame, sessionId: session.id, nonce: session.nonce ?? '' })
    } catch (error) {
      await cancel(session.id, userId).catch(() => undefined) // it runs out of time by itself; the refusal is the one to tell
      throw error
    }
  }
}
