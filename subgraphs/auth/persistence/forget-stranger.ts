import type { Actor, AuditFact } from '../domain/audit.js'
import type { AuthTransaction } from './auth-prisma.js'
import { endWithFacts } from './prisma-sessions.js'
import { removeFactors } from './remove-factors.js'

/**
 * Ends and removes all that was opened or set before the owner of an address proved to be it: sessions, second factors,
 * passkeys, phones, challenges, links to identity providers. Whoever had registered the address first may have been somebody else.
 * Mailed links stay: they went to the owner, and confirm nothing without the password. Returns what is to be written down.
 */
export async function forgetStranger(
  transaction: AuthTransaction,
  accountId: string,
  at: Date,
  by: Actor,
): Promise<readonly AuditFact[]> {
  const { apps, passkeys, phones } = await removeFactors(transaction, accountId, at, { keepsName: false })
  await transaction.linkedIdentity.deleteMany({ where: { accountId } })
  await transaction.providerSignIn.deleteMany({ where: { accountId } })
  const { facts } = await endWithFacts(transaction, accountId, at, { reason: 'address-not-confirmed' }, by)
  const removed = { actor: by, subjectId: accountId }
  return [
    ...(apps === 0 ? [] : [{ action: 'totp.removed', ...removed } as const]),
    ...(passkeys === 0 ? [] : [{ action: 'passkey.removed', ...removed, details: { passkeys } } as const]),
    ...(phones === 0 ? [] : [{ action: 'phone.removed', ...removed } as const]),
    ...facts,
  ]
}
