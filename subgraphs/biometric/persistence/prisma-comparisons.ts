import type { Comparison } from '../domain/verification-session.js'
import type { BiometricPrisma } from './biometric-prisma.js'

/** What was compared in these sessions, for operators; in any order, those without a result left out. */
export async function findComparisons(prisma: BiometricPrisma, sessionIds: readonly string[]): Promise<Comparison[]> {
  const rows = await prisma.verificationSession.findMany({
    where: { id: { in: [...sessionIds] } },
    select: { id: true, score: true, threshold: true },
  })
  return rows.flatMap(({ id, score, threshold }) =>
    score === null || threshold === null ? [] : [{ id, score, threshold }],
  )
}
