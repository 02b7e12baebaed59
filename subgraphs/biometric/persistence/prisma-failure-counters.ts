import { totalAllowsFrom, type FailureLimit } from '../domain/policy.js'
import type { BiometricPrisma, Transaction } from './biometric-prisma.js'

interface Subject {
  readonly userId: string
  readonly recordId: string
}

/** When the user's next verification against the record may begin, null when now. */
export async function readBlockedUntil(
  prisma: BiometricPrisma,
  { userId, recordId }: Subject,
  limit: FailureLimit,
  now: Date,
): Promise<Date | null> {
  const counter = await prisma.failureCounter.findUnique({ where: { userId_recordId: { userId, recordId } } })
  const total = await prisma.failureTotal.findUnique({ where: { userId } })
  const waits = [counter?.blockedUntil ?? now, total ? totalAllowsFrom(total.forgottenAt, limit) : now]
  const until = new Date(Math.max(...waits.map((wait) => wait.getTime())))
  return until > now ? until : null
}

/**
 * Counts one more session as failed, for its record and in the user's total, unless the user has to wait: then the end of
 * the wait is returned, and the caller has to roll back. A row each is changed in one statement, so that sessions that
 * begin at once, on any replica, are counted one after the other. The total is locked before the counter everywhere.
 */
export async function countSession(
  transaction: Transaction,
  subject: Subject,
  limit: FailureLimit,
  now: Date,
): Promise<Date | null> {
  return (await countInTotal(transaction, subject, limit, now)) ?? (await countInRow(transaction, subject, limit, now))
}

async function countInTotal(
  transaction: Transaction,
  { userId }: Subject,
  limit: FailureLimit,
  now: Date,
): Promise<Date | null> {
  const { total } = limit
  const alone = new Date(now.getTime() + total.forgetMs)
  const full = new Date(now.getTime() + (total.sessions - 1) * total.forgetMs)
  const counted: unknown[] = await transaction.$queryRaw`
    INSERT INTO failure_totals AS total (user_id, forgotten_at)
    VALUES (${userId}::uuid, ${alone}::timestamptz)
    ON CONFLICT (user_id) DO UPDATE SET
      forgotten_at = greatest(total.forgotten_at, ${now}::timestamptz) + ${total.forgetMs}::int * interval '1 millisecond'
    WHERE total.forgotten_at <= ${full}::timestamptz
    RETURNING 1`
  if (counted.length === 1) return null
  const row = await transaction.failureTotal.findUnique({ where: { userId } })
  return row === null ? now : totalAllowsFrom(row.forgottenAt, limit)
}

async function countInRow(
  transaction: Transaction,
  { userId, recordId }: Subject,
  limit: FailureLimit,
  now: Date,
): Promise<Date | null> {
  const until = new Date(now.getTime() + limit.delayMs)
  const counted: unknown[] = await transaction.$queryRaw`
    INSERT INTO failure_counters AS counter (user_id, record_id, consecutive, blocked_until)
    VALUES (
      ${userId}::uuid, ${recordId}::uuid, 1, CASE WHEN 1 >= ${limit.sessions}::int THEN ${until}::timestamptz END
    )
    ON CONFLICT (user_id, record_id) DO UPDATE SET
      consecutive = counter.consecutive + 1,
      blocked_until = CASE WHEN counter.consecutive + 1 >= ${limit.sessions}::int THEN ${until}::timestamptz END
    WHERE counter.blocked_until IS NULL OR counter.blocked_until <= ${now}::timestamptz
    RETURNING 1`
  if (counted.length === 1) return null
  const row = await transaction.failureCounter.findUnique({ where: { userId_recordId: { userId, recordId } } })
  return row?.blockedUntil ?? now
}

/** Starts the record's wait anew when a session has failed at or above the limit: it lasts from the failure on. */
export async function delayAfterFailure(
  transaction: Transaction,
  { userId, recordId }: Subject,
  limit: FailureLimit,
  now: Date,
): Promise<void> {
  await transaction.failureCounter.updateMany({
    where: { userId, recordId, consecutive: { gte: limit.sessions } },
    data: { blockedUntil: new Date(now.getTime() + limit.delayMs) },
  })
}

/** A match: nothing counts any more against this record, and of the user's total this session does not. */
export async function clearFailures(
  transaction: Transaction,
  { userId, recordId }: Subject,
  { total }: FailureLimit,
): Promise<void> {
  await transaction.$executeRaw`
    UPDATE failure_totals SET forgotten_at = forgotten_at - ${total.forgetMs}::int * interval '1 millisecond'
    WHERE user_id = ${userId}::uuid`
  await transaction.failureCounter.deleteMany({ where: { userId, recordId } })
}
