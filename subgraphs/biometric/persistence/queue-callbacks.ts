import type { VerificationSession } from '../domain/verification-session.js'
import type { Transaction } from './biometric-prisma.js'

/** What a callback says of a session that has ended; no score, and nothing of a sample. */
function bodyOf({ id, userId, recordIds: [recordId], state, result }: VerificationSession, now: Date) {
  return {
    type: 'verification.ended',
    timestamp: now.toISOString(),
    data: {
      ...{ sessionId: id, userId, recordId, state },
      decision: result?.decision ?? null,
      falseMatchRate: result?.falseMatchRate ?? null,
    },
  }
}

/** Writes a callback for each session that has ended and each webhook, in the transaction of the end: both are kept or neither. */
export async function queueCallbacks(
  transaction: Transaction,
  sessions: readonly VerificationSession[],
  now: Date,
): Promise<void> {
  if (sessions.length === 0) return
  const webhooks = await transaction.webhook.findMany({ where: { disabledAt: null }, select: { id: true } })
  if (webhooks.length === 0) return
  await transaction.webhookDelivery.createMany({
    data: sessions.flatMap((session) =>
      webhooks.map(({ id: webhookId }) => ({
        ...{ id: crypto.randomUUID(), webhookId, userId: session.userId, body: bodyOf(session, now) },
        ...{ nextAttemptAt: now, createdAt: now },
      })),
    ),
  })
}
