import type { EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import type { EnrolledTemplates } from '../domain/submit-frame.js'
import type { BiometricPrisma } from './biometric-prisma.js'

interface Owner {
  readonly id: string
  readonly userId: string
}

/** What a sealed template is bound to: moved to another record or user, it does not open. */
export function templateContext({ id, userId }: Owner): string {
  return `biometric template of record ${id} of user ${userId}`
}

/** Opens templates. The one place where they are readable. */
export function createPrismaTemplates(prisma: BiometricPrisma, cipher: EnvelopeCipher): EnrolledTemplates {
  return {
    async open(record) {
      const row = await prisma.biometricTemplate.findUnique({
        where: { recordId: record.id },
        select: { sealed: true },
      })
      return row === null ? null : cipher.open(row.sealed, templateContext(record))
    },
  }
}
