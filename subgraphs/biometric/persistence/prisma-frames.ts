import { writeToOutbox } from '../../../platform/bus/outbox.js'
import type { VerificationPolicy } from '../domain/policy.js'
import type { ClaimOutcome, Conclusion, FrameClaim, FrameVerifications } from '../domain/submit-frame.js'
import { isOpen, openStates, steps, withinSteps, type VerificationSession } from '../domain/verification-session.js'
import { progressEvent, verifiedEvent } from '../events/biometric-events.js'
import type { Transact, Transaction } from './biometric-prisma.js'
import { lockActiveRecords } from './lock-active-records.js'
import { clearFailures, clearRecord, countFrame, countSession } from './prisma-failure-counters.js'
import type { ProbeDigests } from './probe-digests.js'
import { ALIKE_BITS, type ProbeSketches } from './probe-sketches.js'
import { queueCallbacks } from './queue-callbacks.js'
import { toSession } from './session-rows.js'

/** Rolls a claim back and carries out why. */
class ClaimRefused extends Error {
  readonly outcome: ClaimOutcome

  constructor(outcome: ClaimOutcome) {
    super('The frame was not claimed.')
    this.outcome = outcome
  }
}

/** Rolls a decision back: the session is no longer this frame's. */
class FrameSuperseded extends Error {}

const MOST_TOLD = 20 // refusals for quality in a verification's progress, which keeps every event

/** By what probes are known again. */
export interface ProbeMarks {
  readonly digests: ProbeDigests
  readonly sketches: ProbeSketches
}

/** What frames do to sessions: every change is conditional on what it builds on, and tells its step in the same transaction. */
export function createPrismaFrames(transact: Transact, marks: ProbeMarks): FrameVerifications {
  return {
    async claim(claim, policy) {
      try {
        const session = await transact((transaction) => claimFrame(transaction, claim, policy, marks))
        return { kind: 'claimed', session }
      } catch (error) {
        if (error instanceof ClaimRefused) return error.outcome
        throw error
      }
    },
    advance: (session, frameId, step, now) =>
      transact(async (transaction) => {
        const [row] = await transaction.verificationSession.updateManyAndReturn({
          where: { id: session.id, frameId },
          data: { state: step.state, percent: step.percent },
        })
        if (row === undefined) return null
        await writeToOutbox(transaction, progressEvent(toSession(row), step, now))
        return toSession(row)
      }),
    async tellQuality({ id }, step, now) {
      await transact(async (transaction) => {
        const [row] = await transaction.verificationSession.updateManyAndReturn({
          where: { id, state: { in: [...openStates] }, poorFrames: { lt: MOST_TOLD } },
          data: { poorFrames: { increment: 1 } },
        })
        if (row !== undefined) await writeToOutbox(transaction, progressEvent(toSession(row), step, now))
      })
    },
    async conclude(frame, policy) {
      try {
        return await transact((transaction) => concludeFrame(transaction, frame, policy))
      } catch (error) {
        if (error instanceof FrameSuperseded) return null
        throw error
      }
    },
  }
}

async function claimFrame(
  transaction: Transaction,
  claim: FrameClaim,
  policy: VerificationPolicy,
  marks: ProbeMarks,
): Promise<VerificationSession> {
  const { frameId, session, recordId, now } = claim
  if (!(await lockActiveRecords(transaction, session.recordIds, session.userId))) refuse({ kind: 'refused' })
  const captured = withinSteps(steps.captured, session)
  const isFirstOfAttempt = session.likelihoods.length === 0
  const abandoned = new Date(now.getTime() - policy.frameLeaseMs)
  const [row] = await transaction.verificationSession.updateManyAndReturn({
    where: {
      id: session.id,
      state: { in: [...openStates] },
      ...(isFirstOfAttempt && { attemptsLeft: { gt: 0 } }),
      nonce: claim.nonce,
      expiresAt: { gt: now },
      OR: [{ frameId: null }, { frameClaimedAt: { lt: abandoned } }],
    },
    data: {
      state: captured.state,
      percent: captured.percent,
      ...(isFirstOfAttempt && { attemptsLeft: { decrement: 1 } }),
      framesTaken: { increment: 1 },
      frameId,
      frameClaimedAt: now,
      deviceId: claim.origin.deviceId,
      nonce: claim.nextNonce,
    },
  })
  if (row === undefined) {
    const isStale =
      (await transaction.verificationSession.count({ where: { id: session.id, nonce: claim.nonce } })) === 0
    return refuse({ kind: isStale ? 'stale' : 'refused' })
  }
  if (!(await rememberProbe(transaction, claim, marks))) refuse({ kind: 'replay' })
  const subject = { ...claim.origin, userId: row.userId, recordId }
  const block =
    (row.framesTaken === 1 ? await countSession(transaction, subject, policy.failures, now) : null) ??
    (await countFrame(transaction, subject, policy.failures, now))
  if (block !== null) refuse({ kind: 'blocked', block })
  await writeToOutbox(transaction, progressEvent(toSession(row), captured, now))
  return toSession(row)
}

function refuse(outcome: ClaimOutcome): never {
  throw new ClaimRefused(outcome)
}

/** False when the probe is the enrolled template, or it or one next to it was compared with the record before. */
async function rememberProbe(transaction: Transaction, claim: FrameClaim, marks: ProbeMarks): Promise<boolean> {
  const { session, recordId, probe, now } = claim
  const { id: sessionId } = session
  // probes of one record one after the other: looked for together, neither of two alike would see the other
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${recordId}, 1))`
  const known = { recordId, digest: { in: marks.digests.all(recordId, probe) } }
  if ((await transaction.biometricTemplate.count({ where: known })) > 0) return false
  if ((await transaction.verificationProbe.count({ where: known })) > 0) return false
  const made = claim.direction === null ? [] : marks.sketches.all(recordId, claim.direction)
  const alike: unknown[] = await transaction.$queryRaw`
    SELECT 1 FROM verification_probes AS earlier
    JOIN unnest(${made.map(({ keyId }) => keyId)}::text[], ${made.map(({ bits }) => bits)}::text[]) AS made (key_id, bits)
      ON made.key_id = earlier.key_id
    WHERE earlier.record_id = ${recordId}::uuid AND bit_count(earlier.sketch # made.bits::bit(512)) <= ${ALIKE_BITS}::int
    LIMIT 1`
  if (alike.length > 0) return false
  const { keyId, bits } = made[0] ?? { keyId: null, bits: null }
  await transaction.$executeRaw`
    INSERT INTO verification_probes (record_id, digest, key_id, sketch, session_id, received_at)
    VALUES (
      ${recordId}::uuid, ${marks.digests.current(recordId, probe)}::bytea, ${keyId}, ${bits}::text::bit(512),
      ${sessionId}::uuid, ${now}::timestamptz
    )`
  return true
}

async function concludeFrame(
  transaction: Transaction,
  { session, recordId, frameId, step, verdict, likelihoods, matchesAlone, now }: Conclusion,
  policy: VerificationPolicy,
): Promise<VerificationSession> {
  const isMatch = verdict?.decision === 'MATCH'
  const isFinal = !isOpen(step)
  if (isMatch) {
    await transaction.biometricRecord.updateMany({
      where: { id: { in: [...session.recordIds] } },
      data: { lastUsedAt: now },
    })
  }
  const [row] = await transaction.verificationSession.updateManyAndReturn({
    where: { id: session.id, frameId },
    data: {
      state: step.state,
      percent: step.percent,
      frameId: null,
      frameClaimedAt: null,
      likelihoods: [...likelihoods],
      ...(isFinal && { ...verdict, decidedAt: now }),
    },
  })
  if (row === undefined) throw new FrameSuperseded()
  const decided = toSession(row)
  await writeToOutbox(transaction, progressEvent(decided, step, now))
  const { userId, deviceId } = row
  const cleared = { userId, deviceId, recordId: matchesAlone ? recordId : null }
  if (isMatch) await clearFailures(transaction, cleared, policy.failures)
  else if (matchesAlone) await clearRecord(transaction, userId, recordId)
  if (!isFinal || verdict === null) return decided
  await writeToOutbox(transaction, verifiedEvent(decided, verdict.decision, now))
  await queueCallbacks(transaction, [decided], now)
  return decided
}
