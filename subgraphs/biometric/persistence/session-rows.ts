import type { VerificationSession as Row } from '../generated/prisma/client.js'
import type { VerificationSession } from '../domain/verification-session.js'

/** A row as the domain sees it; score, threshold and frame stay behind. */
export function toSession(row: Row): VerificationSession {
  const { policyId, calibrationVersion } = row
  const { id, userId, recordId, state, percent, attemptsLeft, nonce, falseMatchRate, createdAt, expiresAt } = row
  return {
    ...{
      id,
      userId,
      recordId,
      state,
      percent,
      attemptsLeft,
      nonce,
      falseMatchRate,
      createdAt,
      expiresAt,
      policyId,
      calibrationVersion,
    },
    result: toResult(row),
  }
}

function toResult({ decision, algorithm, calibrationVersion, decidedAt, falseMatchRate }: Row) {
  if (decision === null || algorithm === null || calibrationVersion === null || decidedAt === null) return null
  return { decision, algorithm, calibrationVersion, decidedAt, falseMatchRate }
}
