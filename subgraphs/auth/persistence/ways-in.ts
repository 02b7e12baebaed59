import { AppError } from '../../../platform/errors/app-error.js'
import type { AuthTransaction } from './auth-prisma.js'

/**
 * Throws RES_CONFLICT where nobody can sign in to an account any more: by a password they know, a passkey, or a link to a
 * provider whose issuer `stillWorks`. To be called after a way in was removed, with the account's row locked, so that two
 * that are removed at once are removed one after the other.
 */
export async function refuseLastWayIn(
  transaction: AuthTransaction,
  accountId: string,
  stillWorks: (issuer: string) => boolean = () => true,
): Promise<void> {
  const { hasPassword, _count, identities } = await transaction.account.findUniqueOrThrow({
    where: { id: accountId },
    select: { hasPassword: true, _count: { select: { passkeys: true } }, identities: { select: { issuer: true } } },
  })
  if (hasPassword || _count.passkeys > 0 || identities.some(({ issuer }) => stillWorks(issuer))) return
  throw new AppError('RES_CONFLICT', {
    message: 'This is the only way into your account: choose a password first, by the mail of requestPasswordReset.',
  })
}
