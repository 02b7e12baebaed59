/**
 * A verification and the steps it takes. In: where a session stands. Out: the next step, with its percent and a sentence
 * for a person. It refuses to know how steps are stored or told.
 *
 *   CREATED -> CAPTURING -> PROCESSING -> MATCHING -> SUCCEEDED | FAILED
 *                  ^                          |
 *                  +------ no match, frames left
 *
 * EXPIRED and CANCELLED follow any state that is not final.
 */
export type VerificationState =
  'CREATED' | 'CAPTURING' | 'PROCESSING' | 'MATCHING' | 'SUCCEEDED' | 'FAILED' | 'EXPIRED' | 'CANCELLED'

export type VerificationDecision = 'MATCH' | 'NON_MATCH'

export interface VerificationSession {
  readonly id: string
  readonly userId: string
  /** The record may have been deleted since. */
  readonly recordId: string
  readonly state: VerificationState
  readonly percent: number
  readonly attemptsLeft: number
  /** What the next frame has to carry; null in sessions older than nonces. */
  readonly nonce: string | null
  readonly falseMatchRate: number
  /** The policy's version; null in sessions older than policies. */
  readonly policyId: string | null
  /** The calibration in force when it began; null in sessions older than imported calibrations. */
  readonly calibrationVersion: string | null
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly result: VerificationResult | null
}

export interface VerificationResult {
  readonly decision: VerificationDecision
  readonly falseMatchRate: number
  readonly algorithm: string
  readonly calibrationVersion: string
  readonly decidedAt: Date
}

/** What a decision came from, by its session's id. For operators alone: to others it would tell how near they came. */
export interface Comparison {
  readonly id: string
  readonly score: number
  readonly threshold: number
}

/** One move of a session, told to whoever watches. */
export interface Step {
  readonly state: VerificationState
  /** Rises within an attempt and is 100 in every final state. */
  readonly percent: number
  readonly message: string
}

/** States in which a session may still be decided. */
export const openStates = ['CREATED', 'CAPTURING', 'PROCESSING', 'MATCHING'] as const satisfies VerificationState[]

export function isOpen({ state }: { readonly state: VerificationState }): boolean {
  return openStates.some((open) => open === state)
}

export function isOverdue(session: VerificationSession, now: Date): boolean {
  return isOpen(session) && session.expiresAt <= now
}

export const steps = {
  created: { state: 'CREATED', percent: 0, message: 'Waiting for the first frame: look at the camera.' },
  captured: { state: 'CAPTURING', percent: 25, message: 'A frame has arrived.' },
  processing: { state: 'PROCESSING', percent: 50, message: 'The frame is good enough; it is made ready.' },
  matching: { state: 'MATCHING', percent: 75, message: 'The frame is compared with the enrolled template.' },
  succeeded: { state: 'SUCCEEDED', percent: 100, message: 'It is the same person.' },
  failed: { state: 'FAILED', percent: 100, message: 'No frame matched: start a new verification to try again.' },
  expired: { state: 'EXPIRED', percent: 100, message: 'The time ran out: start a new verification.' },
  cancelled: { state: 'CANCELLED', percent: 100, message: 'The verification was given up.' },
  recordRetired: {
    state: 'CANCELLED',
    percent: 100,
    message: 'The record was taken out of use: start a verification against another one.',
  },
} as const satisfies Record<string, Step>

/** What follows a comparison. */
export function stepAfterComparison(matched: boolean, attemptsLeft: number): Step {
  if (matched) return steps.succeeded
  if (attemptsLeft === 0) return steps.failed
  const left = attemptsLeft === 1 ? '1 attempt is' : `${attemptsLeft} attempts are`
  return {
    state: 'CAPTURING',
    percent: 10,
    message: `No match, ${left} left: face the camera in even light, and try again.`,
  }
}
