import type { AuthPrisma, AuthTransaction } from './auth-prisma.js'

const DAY_MS = 86_400_000
/** How long after its end a session is known, with the address and the program it was opened from. */
export const KEPT_AFTER_END_MS = 30 * DAY_MS
const BATCH = 500 // a short transaction: nobody waits for it
const FORGET_LOCK = 4_204 // replicas take turns

/**
 * Deletes a batch of what nobody needs any more: sessions a month after they ended or expired, with their refresh tokens;
 * links, challenges and registrations that have expired. Returns how many rows; 0 where nothing is left, or where another replica is at it.
 */
export async function forgetOld(prisma: AuthPrisma, at: Date): Promise<number> {
  return prisma.$transaction(async (transaction) => {
    const [lock] = await transaction.$queryRaw<{ taken: boolean }[]>`
      SELECT pg_try_advisory_xact_lock(${FORGET_LOCK}, hashtext(current_schema())) AS taken`
    if (lock?.taken !== true) return 0
    const expired = { expiresAt: { lte: at } }
    const registrations = await transaction.phoneRegistration.findMany({
      where: expired,
      take: BATCH,
      select: { fingerprint: true },
    })
    const [links, challenges, passkeys] = [
      await transaction.oneTimeLink.findMany({ where: expired, take: BATCH, select: { fingerprint: true } }),
      await transaction.mfaChallenge.findMany({ where: expired, take: BATCH, select: { fingerprint: true } }),
      await transaction.passkeyChallenge.findMany({ where: expired, take: BATCH, select: { fingerprint: true } }),
    ]
    const among = (rows: readonly { fingerprint: Uint8Array<ArrayBuffer> }[]) => ({
      where: { fingerprint: { in: rows.map(({ fingerprint }) => fingerprint) } },
    })
    const deleted = [
      await forgetSessions(transaction, at),
      await transaction.oneTimeLink.deleteMany(among(links)),
      await transaction.mfaChallenge.deleteMany(among(challenges)),
      await transaction.passkeyChallenge.deleteMany(among(passkeys)),
      await transaction.phoneRegistration.deleteMany(among(registrations)),
    ]
    return deleted.reduce((sum, { count }) => sum + count, 0)
  })
}

async function forgetSessions(transaction: AuthTransaction, at: Date): Promise<{ readonly count: number }> {
  const longAgo = { lte: new Date(at.getTime() - KEPT_AFTER_END_MS) }
  const over = { OR: [{ endedAt: longAgo }, { expiresAt: longAgo }] }
  const rows = await transaction.session.findMany({ where: over, take: BATCH, select: { id: true } })
  return transaction.session.deleteMany({ where: { id: { in: rows.map(({ id }) => id) } } })
}
