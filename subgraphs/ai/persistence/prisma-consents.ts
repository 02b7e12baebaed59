import { writeToOutbox } from '../../../platform/bus/outbox.js'
import { withdrawn } from '../domain/ai-request.js'
import { progressEvent } from '../events/request-events.js'
import type { AiPrisma, AiTransaction } from './ai-prisma.js'

export interface ToldConsent {
  readonly userId: string
  readonly version: string
  readonly given: boolean
  readonly at: Date
}

/** Whether the person agrees, as far as is known here. */
export async function hasConsent(prisma: AiPrisma | AiTransaction, userId: string): Promise<boolean> {
  return (await prisma.aiConsent.findUnique({ where: { userId } }))?.given ?? false
}

/** Questions of one person and changes of their consent come one after the other, until the transaction ends. */
export async function lockQuestions(transaction: AiTransaction, userId: string): Promise<void> {
  await transaction.$executeRaw`
    SELECT pg_advisory_xact_lock(hashtextextended('questions of ' || ${userId}::text, hashtext(current_schema())))`
}

/**
 * Notes what a person agrees to; the newest change holds, in whatever order they come. A withdrawal gives up what was asked
 * before it and has no answer yet, also where it comes late: a worker that is at it finds that it has lost it.
 */
export async function noteConsent(
  transaction: AiTransaction,
  { userId, version, given, at }: ToldConsent,
): Promise<void> {
  await lockQuestions(transaction, userId)
  await transaction.$executeRaw`
    INSERT INTO ai_consents (user_id, given, version, changed_at)
    VALUES (${userId}::uuid, ${given}, ${version}, ${at}::timestamptz)
    ON CONFLICT (user_id) DO UPDATE SET given = excluded.given, version = excluded.version, changed_at = excluded.changed_at
    WHERE ai_consents.changed_at < excluded.changed_at`
  if (given) return
  const cancelled = await transaction.aiRequest.updateManyAndReturn({
    where: { userId, createdAt: { lte: at }, state: { in: ['QUEUED', 'RUNNING', 'FALLBACK'] } },
    data: { state: 'CANCELLED', finishedAt: at, leaseId: null, leasedUntil: null },
    select: { id: true, userId: true },
  })
  if (cancelled.length > 0) {
    await writeToOutbox(transaction, ...cancelled.map((request) => progressEvent(request, withdrawn, at)))
  }
}
