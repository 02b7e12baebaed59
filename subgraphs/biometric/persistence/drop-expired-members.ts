import type { BiometricPrisma } from './biometric-prisma.js'

/** Takes records that have expired out of all galleries. Replicas at it together share them, and wait for nobody. */
export async function dropExpiredMembers(prisma: BiometricPrisma, now: Date): Promise<void> {
  await prisma.$executeRaw`
    DELETE FROM gallery_members WHERE (gallery_id, record_id) IN (
      SELECT member.gallery_id, member.record_id
      FROM gallery_members AS member JOIN biometric_records AS record ON record.id = member.record_id
      WHERE record.expires_at <= ${now}::timestamptz
      FOR UPDATE OF member SKIP LOCKED)`
}
