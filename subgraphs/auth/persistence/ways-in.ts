import { AppError } from '../../../platform/errors/app-error.js'
import type { AuthTransaction } from './auth-prisma.js'

/** Which ways in configuration leaves open. */
export interface OpenWays {
  /** Whether passkeys can be used. */
  readonly takesPasskeys: boolean
  /** Whether the provider of this issuer is still offered. */
  readonly takesIssuer: (issuer: string) => boolean
}

/**
 * Throws RES_CONFLICT where nobody can sign in to an account any more: by a password they know, a passkey, or a link to a
 * provider, where these are open. To be called after a way in was removed, with the account's row locked, so that two
 * that are removed at once are removed one after the other.
 */
export async function refuseLastWayIn(
  transaction: AuthTransaction,
  accountId: string,
  { takesPasskeys, takesIssuer }: OpenWays,
): Promise<void> {
  const { hasPassword, _count, identities } = await transaction.account.findUniqueOrThrow({
    where: { id: accountId },
    select: { hasPassword: true, _count: { select: { passkeys: true } }, identities: { select: { issuer: true } } },
  })
  const hasPasskey = takesPasskeys && _count.passkeys > 0
  if (hasPassword || hasPasskey || identities.some(({ issuer }) => takesIssuer(issuer))) return
  throw new AppError('RES_CONFLICT', {
    message: 'This is the only way into your account: choose a password first, by the mail of requestPasswordReset.',
  })
}
