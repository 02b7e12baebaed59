import type { FailureLimit } from '../domain/policy.js'
import type { Transaction } from './biometric-prisma.js'

/**
 * Counts one more session as failed, unless the user has to wait: then nothing is counted and the end of the wait is
 * returned. One statement, so that sessions that begin at once, on any replica, are counted one after the other. From the
 * limit on, each count makes the next one wait.
 */
export async function countSession(
  transaction: Transaction,
  userId: string,
  limit: FailureLimit,
  now: Date,
): Promise<Date | null> {
  const until = new Date(now.getTime() + limit.delayMs)
  const counted: unknown[] = await transaction.$queryRaw`
    INSERT INTO failure_counters AS counter (user_id, consecutive, blocked_until)
    VALUES (${userId}::uuid, 1, CASE WHEN 1 >= ${limit.sessions}::int THEN ${until}::timestamptz END)
    ON CONFLICT (user_id) DO UPDATE SET
      consecutive = counter.consecutive + 1,
      blocked_until = CASE WHEN counter.consecutive + 1 >= ${limit.sessions}::int THEN ${until}::timestamptz END
    WHERE counter.blocked_until IS NULL OR counter.blocked_until <= ${now}::timestamptz
    RETURNING 1`
  if (counted.length === 1) return null
  const row = await transaction.failureCounter.findUnique({ where: { userId }, select: { blockedUntil: true } })
  return row?.blockedUntil ?? now
}

/** Starts the wait anew when a session has failed at or above the limit: it lasts from the failure on. */
export async function delayAfterFailure(
  transaction: Transaction,
  userId: string,
  limit: FailureLimit,
  now: Date,
): Promise<void> {
  await transaction.failureCounter.updateMany({
    where: { userId, consecutive: { gte: limit.sessions } },
    data: { blockedUntil: new Date(now.getTime() + limit.delayMs) },
  })
}

/** A match: nothing counts any more. */
export async function clearFailures(transaction: Transaction, userId: string): Promise<void> {
  await transaction.failureCounter.deleteMany({ where: { userId } })
}
