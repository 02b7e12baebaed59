/**
 * A verification and the steps it takes. In: where a session stands. Out: the next step, with its percent and a sentence
 * for a person. It refuses to know how steps are stored or told.
 *
 *   CREATED -> CAPTURING -> PROCESSING -> MATCHING -> SUCCEEDED | FAILED
 *                  ^                          |
 *                  +------ no match, frames left, or the next record's turn
 *
 * An attempt takes a frame of each record, one after the other: one frame, where there is one record.
 *
 * EXPIRED and CANCELLED follow any state that is not final.
 */
import type { BiometricType } from './biometric-record.js'

export type VerificationState =
  'CREATED' | 'CAPTURING' | 'PROCESSING' | 'MATCHING' | 'SUCCEEDED' | 'FAILED' | 'EXPIRED' | 'CANCELLED'

export type VerificationDecision = 'MATCH' | 'NON_MATCH'

export interface VerificationSession {
  readonly id: string
  readonly userId: string
  /** What is compared against, in the order of the steps; one, or several that are decided together. They may have been deleted since. */
  readonly recordIds: readonly string[]
  /** What each step of this attempt that is in has shown, in steps of the likelihood ratio; told to nobody. */
  readonly likelihoods: readonly number[]
  readonly state: VerificationState
  readonly percent: number
  readonly attemptsLeft: number
  /** What the next frame has to carry; null in sessions older than nonces. */
  readonly nonce: string | null
  readonly falseMatchRate: number
  /** The policy's version; null in sessions older than policies. */
  readonly policyId: string | null
  /** The calibrations in force when it began, of all its records, joined by `+`; null in sessions older than imported calibrations. */
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
  /** What a person can do about a sample that was refused for its quality. */
  readonly qualityReasons?: readonly string[]
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
  created: { state: 'CREATED', percent: 0, message: 'Waiting for the first frame.' },
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
  recordRenewed: {
    state: 'CANCELLED',
    percent: 100,
    message: 'The record was renewed: start a new verification.',
  },
} as const satisfies Record<string, Step>

/** Which record a session is at, from 1 on: the one whose frame is awaited, or was compared last. */
export function stepNumber({ state, recordIds, likelihoods }: VerificationSession): number {
  return isOpen({ state }) ? Math.min(likelihoods.length + 1, recordIds.length) : Math.max(likelihoods.length, 1)
}

/** A move within one of several steps: percent goes on where the steps before have ended. */
export function withinSteps(
  step: Step,
  { recordIds, likelihoods }: Pick<VerificationSession, 'recordIds' | 'likelihoods'>,
): Step {
  if (!isOpen(step)) return step
  return { ...step, percent: Math.round((100 * likelihoods.length + step.percent) / recordIds.length) }
}

/** The move to the next record: `type` is what is awaited of the person. */
export function nextStep(type: BiometricType, session: Pick<VerificationSession, 'recordIds' | 'likelihoods'>): Step {
  const [number, of] = [session.likelihoods.length + 1, session.recordIds.length]
  const message = `Step ${session.likelihoods.length} of ${of} is in. Step ${number}: ${type.toLowerCase()}.`
  return withinSteps({ state: 'CAPTURING', percent: 0, message }, session)
}

/** What follows a decision. */
export function stepAfterComparison(matched: boolean, attemptsLeft: number): Step {
  if (matched) return steps.succeeded
  if (attemptsLeft === 0) return steps.failed
  const left = attemptsLeft === 1 ? '1 attempt is' : `${attemptsLeft} attempts are`
  return {
    state: 'CAPTURING',
    percent: 10,
    message: `No match, ${left} left: try again, near the sensor and in even light.`,
  }
}
