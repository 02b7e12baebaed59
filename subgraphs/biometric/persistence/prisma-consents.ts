import { steps } from '../domain/verification-session.js'
import type { BiometricPrisma, Transaction } from './biometric-prisma.js'
import { endSessions } from './end-sessions.js'

export interface ToldConsent {
  readonly userId: string
  readonly version: string
  readonly given: boolean
  readonly at: Date
}

/** Whether the person agrees, as far as is known here. */
export async function hasConsent(prisma: BiometricPrisma | Transaction, userId: string): Promise<boolean> {
  return (await prisma.biometricConsent.findUnique({ where: { userId } }))?.given ?? false
}

/** Enrolments of one person and changes of their consent come one after the other, until the transaction ends. */
export async function lockEnrolments(transaction: Transaction, userId: string): Promise<void> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${userId}, 0))`
}

/**
 * Notes what a person agrees to; the newest change holds, in whatever order they come. A withdrawal destroys what was enrolled
 * before it, also where it comes late.
 */
export async function noteConsent(
  transaction: Transaction,
  { userId, version, given, at }: ToldConsent,
): Promise<void> {
  await lockEnrolments(transaction, userId)
  await transaction.$executeRaw`
    INSERT INTO biometric_consents (user_id, given, version, changed_at)
    VALUES (${userId}::uuid, ${given}, ${version}, ${at}::timestamptz)
    ON CONFLICT (user_id) DO UPDATE SET given = excluded.given, version = excluded.version, changed_at = excluded.changed_at
    WHERE biometric_consents.changed_at < excluded.changed_at`
  if (given) return
  const { biometricRecord, failureCounter, personKey } = transaction
  const records = await biometricRecord.findMany({ where: { userId, enrolledAt: { lte: at } }, select: { id: true } })
  const ids = records.map(({ id }) => id)
  await biometricRecord.deleteMany({ where: { id: { in: ids } } })
  for (const recordId of ids) await endSessions(transaction, { recordId, userId }, steps.recordRetired, at)
  await failureCounter.deleteMany({ where: { userId, subjectId: { in: ids } } })
  if ((await biometricRecord.count({ where: { userId } })) === 0) await personKey.deleteMany({ where: { userId } })
}
