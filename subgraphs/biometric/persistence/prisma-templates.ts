import { masterKeyIdOf, type EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import type { EnrolledTemplates } from '../domain/submit-frame.js'
import type { BiometricPrisma } from './biometric-prisma.js'
import { PERSON_KEY_ID, type PersonKeys } from './person-keys.js'

interface Owner {
  readonly id: string
  readonly userId: string
}

/** What a sealed template is bound to: moved to another record or user, it does not open. */
export function templateContext({ id, userId }: Owner): string {
  return `biometric template of record ${id} of user ${userId}`
}

/**
 * Opens templates. The one place where they are readable. Those enrolled before people had keys of their own are sealed under
 * the master key itself.
 */
export function createPrismaTemplates(
  prisma: BiometricPrisma,
  cipher: EnvelopeCipher,
  personKeys: PersonKeys,
): EnrolledTemplates {
  return {
    async open(record) {
      const row = await prisma.biometricTemplate.findUnique({
        where: { recordId: record.id },
        select: { sealed: true },
      })
      if (row === null) return null
      const isPersons = masterKeyIdOf(row.sealed) === PERSON_KEY_ID
      const opener = isPersons ? await personKeys.find(prisma, record.userId) : cipher
      return opener?.open(row.sealed, templateContext(record)) ?? null
    },
  }
}
