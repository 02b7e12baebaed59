import { createEventRow, type EventRow } from '../../../platform/bus/event-row.js'
import type { z } from 'zod'
import { biometricAdministered } from '../../../schema/contracts/biometric-administered.js'
import { biometricEnrolled } from '../../../schema/contracts/biometric-enrolled.js'
import { biometricRenewed } from '../../../schema/contracts/biometric-renewed.js'
import { biometricVerified } from '../../../schema/contracts/biometric-verified.js'
import { verificationProgress } from '../../../schema/contracts/verification-progress.js'
import type { BiometricRecord } from '../domain/biometric-record.js'
import {
  stepNumber,
  type Step,
  type VerificationDecision,
  type VerificationSession,
} from '../domain/verification-session.js'

/** A step of a session, as the subscription `verificationProgress` gives it out. */
export function progressEvent(
  session: VerificationSession,
  { message, qualityReasons = [] }: Pick<Step, 'message' | 'qualityReasons'>,
  now: Date,
): EventRow {
  const { id, userId, state, percent, attemptsLeft, recordIds } = session
  const number = stepNumber(session)
  const step = { number, of: recordIds.length, record: { id: recordIds[number - 1] ?? '' } }
  return createEventRow(
    verificationProgress,
    {
      ...{ session: { id }, userId, state, percent, message, step, attemptsLeft },
      ...{ qualityReasons: [...qualityReasons], occurredAt: now.toISOString() },
    },
    { now, actorId: userId },
  )
}

export function enrolledEvent({ id, userId, type, enrolledAt }: BiometricRecord): EventRow {
  return createEventRow(biometricEnrolled, { recordId: id, userId, type }, { now: enrolledAt, actorId: userId })
}

export function renewedEvent({ id, userId, type, sampleVersion }: BiometricRecord, now: Date): EventRow {
  return createEventRow(biometricRenewed, { recordId: id, userId, type, sampleVersion }, { now, actorId: userId })
}

export function verifiedEvent(
  { id, recordIds: [recordId = ''], userId }: VerificationSession,
  decision: VerificationDecision,
  now: Date,
): EventRow {
  return createEventRow(biometricVerified, { sessionId: id, recordId, userId, decision }, { now, actorId: userId })
}

/** What an operator did, or the service itself, for the audit log. */
export function administeredEvent(data: z.infer<typeof biometricAdministered.data>, now: Date): EventRow {
  const { administratorId: actorId } = data
  return createEventRow(biometricAdministered, data, { now, ...(actorId !== null && { actorId }) })
}
