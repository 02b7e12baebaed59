/**
 * What follows from a score. In: the session, its records, and how alike probe and template are. Out: the session's next step,
 * with a decision where there is one: of one record by its threshold, of several by the sum of their likelihood ratios.
 */
import type { BiometricRecord } from './biometric-record.js'
import type { Calibration } from './calibration.js'
import type { Calibrations } from './calibrations/find-calibrations.js'
import type { FindFusedCalibration } from './fusion/find-fused-calibration.js'
import { FUSION_ALGORITHM, natsOf, type FusedCalibration } from './fusion/fused-calibration.js'
import { requireModality, type Modalities } from './modality.js'
import {
  isOpen,
  nextStep,
  stepAfterComparison,
  withinSteps,
  type Step,
  type VerificationDecision,
  type VerificationSession,
} from './verification-session.js'

/** A decision with its terms, as it is kept; score and threshold are for operators. */
export interface Verdict {
  readonly decision: VerificationDecision
  readonly algorithm: string
  readonly calibrationVersion: string
  readonly score: number
  readonly threshold: number
}

export interface FrameDecision {
  readonly step: Step
  /** Null while other records of the attempt are awaited. */
  readonly verdict: Verdict | null
  /** What the attempt has shown so far: nothing once another one begins. */
  readonly likelihoods: readonly number[]
  /** Whether this score alone would match its record. */
  readonly matchesAlone: boolean
}

export interface FrameOfSession {
  readonly session: VerificationSession
  /** All of the session's, in order. */
  readonly records: readonly BiometricRecord[]
}

interface DecisionParts {
  readonly calibrations: Pick<Calibrations, 'find'>
  readonly findFused: FindFusedCalibration
  readonly modalities: Modalities
}

/** Null where a newer release of this service no longer ships a calibration the session began by. */
export async function decideFrame(
  frame: FrameOfSession,
  score: number,
  parts: DecisionParts,
): Promise<FrameDecision | null> {
  const { session, records } = frame
  const algorithms = records.map(({ type }) => requireModality(parts.modalities, type).algorithm)
  const calibration = await calibrationOf(frame, parts)
  if (calibration === null) return null
  if (records.length === 1) return decideAlone(session, score, calibration, algorithms.join())
  const fused = await parts.findFused(session.calibrationVersion ?? '')
  if (fused === null) return null
  const isStated = session.falseMatchRate >= calibration.leastFalseMatchRate
  const matchesAlone = isStated && score >= calibration.thresholdAt(session.falseMatchRate)
  return { ...decideTogether(frame, score, fused, algorithms), matchesAlone }
}

/** The awaited record's; of a session older than imported calibrations, its modality's. */
async function calibrationOf({ session, records }: FrameOfSession, parts: DecisionParts): Promise<Calibration | null> {
  const { calibrationVersion, likelihoods } = session
  const version = calibrationVersion?.split('+')[likelihoods.length]
  if (version !== undefined) return parts.calibrations.find(version)
  const record = records[likelihoods.length]
  return record === undefined ? null : requireModality(parts.modalities, record.type).calibration
}

function decideAlone(
  { falseMatchRate, attemptsLeft }: VerificationSession,
  score: number,
  calibration: Calibration,
  algorithm: string,
): FrameDecision {
  const threshold = calibration.thresholdAt(falseMatchRate)
  const matched = score >= threshold
  return {
    step: stepAfterComparison(matched, attemptsLeft),
    verdict: {
      decision: matched ? 'MATCH' : 'NON_MATCH',
      ...{ algorithm, calibrationVersion: calibration.version, score, threshold },
    },
    likelihoods: [],
    matchesAlone: matched,
  }
}

/** Decides when the last record is in, or as soon as no score of those to come could reach the threshold any more. */
function decideTogether(
  { session, records }: FrameOfSession,
  score: number,
  fused: FusedCalibration,
  algorithms: readonly string[],
): Omit<FrameDecision, 'matchesAlone'> {
  const index = session.likelihoods.length
  const likelihoods = [...session.likelihoods, fused.evidence[index]?.stepsOf(score) ?? 0]
  const sum = likelihoods.reduce((total, shown) => total + shown, 0)
  const threshold = fused.thresholdAt(session.falseMatchRate)
  const reachable = fused.evidence.slice(index + 1).reduce((total, { most }) => total + most, sum)
  const next = records[index + 1]
  if (next !== undefined && reachable >= threshold) {
    return { step: nextStep(next.type, { ...session, likelihoods }), verdict: null, likelihoods }
  }
  const matched = next === undefined && sum >= threshold
  const step = stepAfterComparison(matched, session.attemptsLeft)
  const verdict: Verdict = {
    decision: matched ? 'MATCH' : 'NON_MATCH',
    algorithm: `${FUSION_ALGORITHM}(${algorithms.join('+')})`,
    calibrationVersion: fused.version,
    score: natsOf(sum),
    threshold: natsOf(threshold),
  }
  return isOpen(step)
    ? { step: withinSteps(step, { ...session, likelihoods: [] }), verdict, likelihoods: [] }
    : { step, verdict, likelihoods }
}
