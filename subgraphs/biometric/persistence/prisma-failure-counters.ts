import type { AttemptSubject } from '../domain/origin.js'
import { totalAllowsFrom, type FailureLimit } from '../domain/policy.js'
import type { Block } from '../domain/refuse-blocked.js'
import type { BiometricPrisma, Transaction } from './biometric-prisma.js'

/** What keeps the user's next verification against the record, from this device, from beginning; null for nothing. */
export async function readBlock(
  prisma: BiometricPrisma,
  subject: AttemptSubject,
  limit: FailureLimit,
  now: Date,
): Promise<Block | null> {
  const { userId, recordId, deviceId } = subject
  const counters = await prisma.failureCounter.findMany({ where: { userId, subjectId: { in: [recordId, deviceId] } } })
  const counting = counters.filter((counter) => !isLifted(counter, subject, limit))
  if (counting.some(({ consecutive }) => consecutive >= limit.stopAt)) return { until: 'lifted' }
  const total = await prisma.failureTotal.findUnique({ where: { userId } })
  const waits = [
    ...counting.map(({ blockedUntil }) => blockedUntil ?? now),
    total ? totalAllowsFrom(total.forgottenAt, limit) : now,
  ]
  const until = new Date(Math.max(...waits.map((wait) => wait.getTime())))
  return until > now ? { until } : null
}

interface Counter {
  readonly consecutive: number
  readonly lastFailedAt: Date
}

/** Whether who failed until the stop has signed in by two factors since, which begins the count anew. */
function isLifted({ consecutive, lastFailedAt }: Counter, { twoFactorsAt }: AttemptSubject, limit: FailureLimit) {
  return consecutive >= limit.stopAt && twoFactorsAt !== null && twoFactorsAt > lastFailedAt
}

/**
 * Counts one more session in the user's total, unless they have to wait: then the wait is returned, and the caller has to
 * roll back. A row is changed in one statement, so that sessions that begin at once, on any replica, are counted one after
 * the other. The total is locked before the counters everywhere.
 */
export async function countSession(
  transaction: Transaction,
  { userId }: AttemptSubject,
  limit: FailureLimit,
  now: Date,
): Promise<Block | null> {
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
  return { until: row === null ? now : totalAllowsFrom(row.forgottenAt, limit) }
}

/** Counts one more comparison as failed, for its record and its device; as `countSession` does, with growing waits. */
export async function countFrame(
  transaction: Transaction,
  subject: AttemptSubject,
  limit: FailureLimit,
  now: Date,
): Promise<Block | null> {
  for (const subjectId of countedIn(subject)) {
    const block = await countIn(transaction, subject, subjectId, limit, now)
    if (block !== null) return block
  }
  return null
}

async function countIn(
  transaction: Transaction,
  subject: AttemptSubject,
  subjectId: string,
  limit: FailureLimit,
  now: Date,
): Promise<Block | null> {
  const { userId, twoFactorsAt } = subject
  const counted: unknown[] = await transaction.$queryRaw`
    INSERT INTO failure_counters AS counter (user_id, subject_id, consecutive, blocked_until, last_failed_at)
    VALUES (${userId}::uuid, ${subjectId}::uuid, 1, ${waitAfter(1, limit, now)}::timestamptz, ${now}::timestamptz)
    ON CONFLICT (user_id, subject_id) DO UPDATE SET
      (consecutive, blocked_until, last_failed_at) = (
        SELECT
          next.count,
          CASE WHEN next.count >= ${limit.comparisons}::int THEN ${now}::timestamptz + interval '1 millisecond' *
            least(${limit.longestDelayMs}::float, ${limit.delayMs}::float * power(2, next.count - ${limit.comparisons}::int))
          END,
          ${now}::timestamptz
        FROM (SELECT CASE WHEN counter.consecutive >= ${limit.stopAt}::int THEN 1 ELSE counter.consecutive + 1 END) AS next (count)
      )
    WHERE CASE
      WHEN counter.consecutive >= ${limit.stopAt}::int THEN counter.last_failed_at < ${twoFactorsAt}::timestamptz
      ELSE counter.blocked_until IS NULL OR counter.blocked_until <= ${now}::timestamptz
    END
    RETURNING 1`
  if (counted.length === 1) return null
  const row = await transaction.failureCounter.findUnique({ where: { userId_subjectId: { userId, subjectId } } })
  if (row !== null && row.consecutive >= limit.stopAt) return { until: 'lifted' }
  return { until: row?.blockedUntil ?? now }
}

/** How long the next one waits after so many in a row: 30 s after five, twice as long after each further one, an hour at most. */
function waitAfter(consecutive: number, limit: FailureLimit, now: Date): Date | null {
  if (consecutive < limit.comparisons) return null
  const delayMs = limit.delayMs * 2 ** (consecutive - limit.comparisons)
  return new Date(now.getTime() + Math.min(delayMs, limit.longestDelayMs))
}

interface FailedSession {
  readonly userId: string
  /** Null where it was matched only together with others. */
  readonly recordId: string | null
  /** Null in sessions older than the counters of devices. */
  readonly deviceId: string | null
}

/** The counters of a comparison by id, in the order of their locks. */
function countedIn({ recordId, deviceId }: Pick<FailedSession, 'recordId' | 'deviceId'>): string[] {
  return [recordId, deviceId].filter((id) => id !== null).sort()
}

/** A match: nothing counts any more against this record and from this device, and of the user's total this session does not. */
export async function clearFailures(
  transaction: Transaction,
  session: FailedSession,
  { total }: FailureLimit,
): Promise<void> {
  await transaction.$executeRaw`
    UPDATE failure_totals SET forgotten_at = forgotten_at - ${total.forgetMs}::int * interval '1 millisecond'
    WHERE user_id = ${session.userId}::uuid`
  for (const subjectId of countedIn(session)) {
    await transaction.failureCounter.deleteMany({ where: { userId: session.userId, subjectId } })
  }
}

/** A comparison that matches by itself: nothing counts any more against its record. */
export async function clearRecord(transaction: Transaction, userId: string, recordId: string): Promise<void> {
  await transaction.failureCounter.deleteMany({ where: { userId, subjectId: recordId } })
}

/** Begins a person's counts anew, all of them. False when there was none. */
export async function liftLimits(transaction: Transaction, userId: string): Promise<boolean> {
  const totals = await transaction.failureTotal.deleteMany({ where: { userId } })
  const counters = await transaction.failureCounter.findMany({ where: { userId }, orderBy: { subjectId: 'asc' } })
  for (const { subjectId } of counters) await transaction.failureCounter.deleteMany({ where: { userId, subjectId } })
  return totals.count + counters.length > 0
}
