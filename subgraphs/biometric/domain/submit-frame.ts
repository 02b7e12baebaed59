/**
 * One captured probe against one enrolled template. In: whose session, and the probe. Out: the session as the probe left
 * it. It refuses probes it can't compare, replays, frames after the end, and a second frame while one is being decided,
 * each without using up an attempt.
 */
import { AppError } from '../../../platform/errors/app-error.js'
import type { BiometricRecord } from './biometric-record.js'
import type { Calibrations } from './calibrations/find-calibrations.js'
import { decideFrame, type FrameDecision, type FrameOfSession } from './decide-frame.js'
import type { FindFusedCalibration } from './fusion/find-fused-calibration.js'
import { requireModality, type CapturedSample, type Modalities, type Modality } from './modality.js'
import type { PolicyTerms, VerificationPolicy } from './policy.js'
import { adviceOn, requireQuality } from './quality.js'
import type { Origin } from './origin.js'
import { refuseBlocked, type Block } from './refuse-blocked.js'
import { createNonce } from './create-nonce.js'
import type { EvidencedFrame } from './evidence/check-evidence.js'
import { isOpen, stepNumber, steps, withinSteps, type Step, type VerificationSession } from './verification-session.js'

export interface Frame extends CapturedSample {
  readonly sessionId: string
  readonly userId: string
  /** The record it is a probe of; may be left out where the session has one. */
  readonly recordId?: string | undefined
  readonly modelVersion: string
  /** The one the session has now: each is good for one frame. */
  readonly nonce: string
  /** What a capture device signs of it, where one vouches. */
  readonly evidence?: string | undefined
  /** As `sampleDigest` makes it of the sample as it was sent. */
  readonly sampleDigest: string
  readonly origin: Origin
}

export interface FrameClaim {
  readonly frameId: string
  readonly session: VerificationSession
  /** The one that is awaited. */
  readonly recordId: string
  readonly probe: Uint8Array
  /** The probe as a direction, by which one next to it is known again; null where its modality has none. */
  readonly direction: Float64Array | null
  readonly origin: Origin
  readonly nonce: string
  readonly nextNonce: string
  readonly now: Date
}

export type ClaimOutcome =
  | { readonly kind: 'claimed'; readonly session: VerificationSession }
  /** The probe is the enrolled template, or it or one next to it was compared with this record before. */
  | { readonly kind: 'replay' }
  /** The user has failed too often to try again now. */
  | { readonly kind: 'blocked'; readonly block: Block }
  /** The session has another nonce by now. */
  | { readonly kind: 'stale' }
  /** The session is over, out of time or attempts, or another frame is being decided. */
  | { readonly kind: 'refused' }

export interface FrameVerifications {
  /**
   * Takes one attempt for a frame, and its nonce with it, before anything is compared: of frames that come at once, on whatever replica, one is
   * claimed and the others are refused. Counts it as failed, until it matches. Tells the step `captured`. A refusal changes nothing.
   */
  claim(claim: FrameClaim, policy: VerificationPolicy): Promise<ClaimOutcome>
  /** Tells what to do better about a frame that was refused, the first twenty times; changes nothing else. */
  tellQuality(session: VerificationSession, step: Pick<Step, 'message' | 'qualityReasons'>, now: Date): Promise<void>
  /** Tells the next step, while the session is still this frame's; null once it is not. */
  advance(session: VerificationSession, frameId: string, step: Step, now: Date): Promise<VerificationSession | null>
  /** Ends the frame, and the session with it when the step is final; null when the session is no longer this frame's. */
  conclude(conclusion: Conclusion, policy: VerificationPolicy): Promise<VerificationSession | null>
}

/** How a frame ends. */
export interface Conclusion extends FrameDecision {
  readonly session: VerificationSession
  readonly recordId: string
  readonly frameId: string
  readonly now: Date
}

export interface EnrolledTemplates {
  /** The opened template, null when it is gone. The caller wipes it after use. */
  open(record: { id: string; userId: string }): Promise<Uint8Array | null>
}

export interface SubmitFrameParts {
  readonly verifications: FrameVerifications
  readonly templates: EnrolledTemplates
  /** The device that vouches, null where none does. Throws BIOMETRIC_EVIDENCE_REFUSED that names the field. */
  readonly checkEvidence: (frame: EvidencedFrame) => Promise<{ readonly id: string } | null>
  /** Those of the ids that are the user's, in the order of the ids. */
  readonly findRecords: (ids: readonly string[], userId: string) => Promise<readonly BiometricRecord[]>
  readonly read: (ids: readonly string[], userId: string) => Promise<readonly VerificationSession[]>
  readonly modalities: Modalities
  readonly policy: VerificationPolicy
  readonly calibrations: Pick<Calibrations, 'find'>
  readonly findFused: FindFusedCalibration
  /** The terms of a session: its policy's, or the configured ones where it is older than policies. */
  readonly readTerms: (session: VerificationSession) => Promise<PolicyTerms>
  readonly now: () => Date
}

/**
 * Compares a probe and decides. A frame that does not match uses up an attempt; with the last one the session fails.
 * Of frames that come at once one is taken, the others are refused. Throws RES_NOT_FOUND, RES_CONFLICT,
 * BIOMETRIC_NONCE_STALE, BIOMETRIC_EVIDENCE_REFUSED, RATE_LIMIT_EXCEEDED, BIOMETRIC_LOCKED and VAL_VALIDATION_FAILED that names the field.
 */
export function createSubmitFrame(parts: SubmitFrameParts) {
  return (frame: Frame): Promise<VerificationSession> => submit(frame, parts)
}

async function submit(frame: Frame, parts: SubmitFrameParts): Promise<VerificationSession> {
  const { session, records, record } = await requireOpenSession(frame, parts)
  const modality = requireModality(parts.modalities, record.type)
  requireSameModel(frame, record)
  const { template: probe, quality, field } = modality.prepare(frame)
  const { minimumQuality, liveness } = await parts.readTerms(session)
  const qualityReasons = adviceOn(quality, minimumQuality)
  if (qualityReasons.length > 0) {
    await parts.verifications.tellQuality(session, { message: POOR_FRAME, qualityReasons }, parts.now())
  }
  requireQuality(quality, minimumQuality, field)
  const isRequired = liveness !== 'NONE'
  const device = await parts.checkEvidence({ ...frame, modality: record.type, isRequired })
  if (await isCopy(probe, record, modality, parts)) throw replayed(field)
  const frameId = crypto.randomUUID()
  const direction = modality.directionOf(probe)
  const origin = device === null ? frame.origin : { ...frame.origin, deviceId: device.id }
  const request = { frameId, session, recordId: record.id, probe, direction, origin, nonce: frame.nonce }
  const claimed = await claim({ ...request, nextNonce: createNonce(), now: parts.now() }, field, parts)
  const decided = await compare({ session: claimed, records, record, modality, probe, frameId }, parts)
  if (decided === null) throw overMeanwhile()
  return decided
}

const POOR_FRAME = 'The frame is not good enough to be compared: it uses up no attempt.'

async function requireOpenSession(frame: Frame, { read, findRecords }: SubmitFrameParts) {
  const { sessionId, userId, nonce } = frame
  const [session] = await read([sessionId], userId)
  if (session === undefined) throw new AppError('RES_NOT_FOUND')
  if (!isOpen(session)) {
    throw new AppError('RES_CONFLICT', { message: `The verification is over (${session.state}): start a new one.` })
  }
  if (session.nonce !== nonce) throw staleNonce()
  const records = await findRecords(session.recordIds, userId)
  const record = records[stepNumber(session) - 1]
  if (record === undefined || records.length < session.recordIds.length) throw overMeanwhile()
  if ((frame.recordId ?? (records.length === 1 ? record.id : null)) !== record.id) {
    const reason = `must be ${record.id}, whose frame is awaited`
    throw new AppError('VAL_VALIDATION_FAILED', { details: [{ field: 'input.recordId', reason }] })
  }
  return { session, records, record }
}

function requireSameModel(frame: Frame, record: BiometricRecord): void {
  if (frame.modelVersion === record.modelVersion) return
  throw new AppError('VAL_VALIDATION_FAILED', {
    details: [{ field: 'input.modelVersion', reason: 'must be the model that made the enrolled template' }],
  })
}

async function claim(request: FrameClaim, field: string, { verifications, policy }: SubmitFrameParts) {
  const outcome = await verifications.claim(request, policy)
  if (outcome.kind === 'claimed') return outcome.session
  if (outcome.kind === 'blocked') throw refuseBlocked(outcome.block, request.now)
  if (outcome.kind === 'stale') throw staleNonce()
  if (outcome.kind === 'refused') {
    throw new AppError('RES_CONFLICT', {
      message: 'Another frame is being decided, or the verification is over: read its state, then send a new frame.',
    })
  }
  throw replayed(field)
}

/** Looked for before the claim, so that it uses up no attempt; all it can tell is that the sender has the template. */
async function isCopy(
  probe: Uint8Array,
  record: BiometricRecord,
  modality: Modality,
  { templates }: SubmitFrameParts,
): Promise<boolean> {
  const enrolled = await templates.open(record)
  if (enrolled === null) return false
  try {
    return modality.isCopy(enrolled, probe)
  } finally {
    enrolled.fill(0)
  }
}

function staleNonce(): AppError {
  const reason = 'must be the one that the verification has now: `nonce` of the latest answer'
  return new AppError('BIOMETRIC_NONCE_STALE', { details: [{ field: 'input.nonce', reason }] })
}

function replayed(field: string): AppError {
  const reason = 'was sent before, as it is or hardly changed: capture a new sample, a repeated one is refused'
  return new AppError('VAL_VALIDATION_FAILED', { details: [{ field, reason }] })
}

interface ClaimedFrame extends FrameOfSession {
  readonly record: BiometricRecord
  readonly modality: Modality
  readonly probe: Uint8Array
  readonly frameId: string
}

/** Null as soon as the session is no longer this frame's: cancelled, expired, or its record retired. */
async function compare(frame: ClaimedFrame, parts: SubmitFrameParts): Promise<VerificationSession | null> {
  const { session, record, modality, probe, frameId } = frame
  const { verifications, templates, policy, now } = parts
  const tell = (step: Step) => verifications.advance(session, frameId, withinSteps(step, session), now())
  if ((await tell(steps.processing)) === null) return null
  const enrolled = await templates.open(record)
  if (enrolled === null) return null
  try {
    if ((await tell(steps.matching)) === null) return null
    const score = await modality.compare(enrolled, probe)
    const decision = await decideFrame(frame, score, parts)
    if (decision === null) return null
    return await verifications.conclude({ session, recordId: record.id, frameId, ...decision, now: now() }, policy)
  } finally {
    enrolled.fill(0)
  }
}

function overMeanwhile(): AppError {
  return new AppError('RES_CONFLICT', { message: 'The verification ended meanwhile: read its state.' })
}
