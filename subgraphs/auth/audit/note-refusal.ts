import type { AuthPrisma } from '../persistence/auth-prisma.js'
import type { RefusalDetails } from '../domain/audit.js'
import type { Device } from '../domain/session.js'
import type { Afterwards } from '../domain/afterwards.js'
import type { AuditChain } from './audit-chain.js'

/** Writes down a refused sign-in to a known account, in a transaction of its own that nobody waits for. */
export type NoteRefusal = (userId: string, device: Device, details: RefusalDetails) => void

export function createNoteRefusal(
  prisma: AuthPrisma,
  audit: AuditChain,
  afterwards: Afterwards,
  now: () => Date,
): NoteRefusal {
  return (userId, device, { reason }) => {
    const at = now()
    const fact = {
      action: 'session.refused',
      actor: { userId: null, device },
      subjectId: userId,
      details: { reason },
    } as const
    afterwards.run('the note of a refused sign-in', () =>
      prisma.$transaction((transaction) => audit.write(transaction, at, fact)),
    )
  }
}
