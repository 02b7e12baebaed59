import { AppError } from '../../../platform/errors/app-error.js'
import { isOpen, steps, type Step, type VerificationSession } from './verification-session.js'

export interface CancellableVerifications {
  /** Ends the session if it is open; null when it is not. A frame being compared no longer counts. */
  end(id: string, userId: string, step: Step, now: Date): Promise<VerificationSession | null>
}

interface CancelParts {
  readonly verifications: CancellableVerifications
  readonly read: (ids: readonly string[], userId: string) => Promise<readonly VerificationSession[]>
  readonly now: () => Date
}

/** Gives a verification up. Giving up again changes nothing. Throws RES_NOT_FOUND, and RES_CONFLICT when it is over otherwise. */
export function createCancelVerification({ verifications, read, now }: CancelParts) {
  return async (id: string, userId: string): Promise<VerificationSession> => {
    const [session] = await read([id], userId)
    if (session === undefined) throw new AppError('RES_NOT_FOUND')
    if (session.state === 'CANCELLED') return session
    const ended = isOpen(session) ? await verifications.end(id, userId, steps.cancelled, now()) : null
    if (ended === null)
      throw new AppError('RES_CONFLICT', { message: 'The verification is over already: read its result.' })
    return ended
  }
}
