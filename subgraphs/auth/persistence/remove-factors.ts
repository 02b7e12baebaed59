import type { AuthTransaction } from './auth-prisma.js'

/** How many there were of each. */
export interface RemovedFactors {
  readonly apps: number
  readonly passkeys: number
  readonly phones: number
}

/**
 * Removes what an account has besides its password: authenticator app, passkeys, recovery codes, phone, with codes and sign-ins
 * under way. With `keepsName` a phone stays whose number the account is found by.
 */
export async function removeFactors(
  transaction: AuthTransaction,
  accountId: string,
  at: Date,
  { keepsName }: { readonly keepsName: boolean },
): Promise<RemovedFactors> {
  const { count: apps } = await transaction.totpFactor.deleteMany({ where: { accountId } })
  const { count: passkeys } = await transaction.passkey.deleteMany({ where: { accountId } })
  const other = keepsName ? { account: { email: { not: null } } } : {}
  const { count: phones } = await transaction.phone.deleteMany({ where: { accountId, ...other } })
  await transaction.smsCode.updateMany({ where: { accountId, usedAt: null }, data: { usedAt: at, dueAt: null } })
  await transaction.recoveryCode.deleteMany({ where: { accountId } })
  await transaction.mfaChallenge.deleteMany({ where: { accountId } })
  return { apps, passkeys, phones }
}
