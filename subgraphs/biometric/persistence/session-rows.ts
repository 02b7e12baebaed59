import type { VerificationSession as Row } from '../generated/prisma/client.js'
import type { VerificationSession } from '../domain/verification-session.js'

/** A row as the domain sees it; score, threshold and frame stay behind. */
export function toSession(row: Row): VerificationSession {
  const { id, userId, likelihoods, state, percent, attemptsLeft, nonce } = row
  // while an older release is being replaced it still writes the first record alone
  const recordIds = row.recordIds.length === 0 ? [row.recordId] : row.recordIds
  const { falseMatchRate, policyId, calibrationVersion, createdAt, expiresAt } = row
  return {
    ...{ id, userId, recordIds, likelihoods, state, percent, attemptsLeft, nonce },
    ...{ falseMatchRate, policyId, calibrationVersion, createdAt, expiresAt },
    result: toResult(row),
  }
}

function toResult({ decision, algorithm, calibrationVersion, decidedAt, falseMatchRate }: Row) {
  if (decision === null || algorithm === null || calibrationVersion === null || decidedAt === null) return null
  return { decision, algorithm, calibrationVersion, decidedAt, falseMatchRate }
}
