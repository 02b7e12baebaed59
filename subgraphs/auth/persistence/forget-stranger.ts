import type { Actor, AuditFact } from '../domain/audit.js'
import type { AuthTransaction } from './auth-prisma.js'
import { endWithFacts } from './prisma-sessions.js'

/**
 * Ends and removes all that was opened or set before the owner of an address proved to be it: sessions, second factors,
 * challenges. Whoever had registered the address first may have been somebody else. Links stay: they went to the owner, and
 * confirm nothing without the password. Returns what is to be written down.
 */
export async function forgetStranger(
  transaction: AuthTransaction,
  accountId: string,
  at: Date,
  by: Actor,
): Promise<readonly AuditFact[]> {
  const { count } = await transaction.totpFactor.deleteMany({ where: { accountId } })
  await transaction.recoveryCode.deleteMany({ where: { accountId } })
  await transaction.mfaChallenge.deleteMany({ where: { accountId } })
  const { facts } = await endWithFacts(transaction, accountId, at, { reason: 'address-not-confirmed' }, by)
  return count === 0 ? facts : [{ action: 'totp.removed', actor: by, subjectId: accountId }, ...facts]
}
