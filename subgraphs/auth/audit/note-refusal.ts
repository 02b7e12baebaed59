import type { Logger } from '../../../platform/log/logger.js'
import type { AuthPrisma } from '../persistence/auth-prisma.js'
import type { Device } from '../domain/session.js'
import type { AuditChain } from './audit-chain.js'

const MOST_UNDER_WAY = 32 // a flood of guesses is not to become a queue of transactions: it is counted where tries are

export interface RefusalNotes {
  /** Writes down a refused sign-in to a known account, in a transaction of its own that nobody waits for. */
  note(userId: string, device: Device): void
  /** Resolves when what is under way is written. */
  close(): Promise<void>
}

export function createRefusalNotes(
  prisma: AuthPrisma,
  audit: AuditChain,
  logger: Logger,
  now: () => Date,
): RefusalNotes {
  const underWay = new Set<Promise<void>>()
  return {
    note(userId, device) {
      if (underWay.size >= MOST_UNDER_WAY)
        return logger.warn('a refused sign-in was not written down: too many at once')
      const fact = { action: 'session.refused', actor: { userId: null, device }, subjectId: userId } as const
      const written = prisma
        .$transaction((transaction) => audit.write(transaction, now(), fact))
        .catch((error: unknown) => logger.error({ err: error }, 'a refused sign-in could not be written down'))
        .finally(() => underWay.delete(written))
      underWay.add(written)
    },
    async close() {
      await Promise.all(underWay)
    },
  }
}
