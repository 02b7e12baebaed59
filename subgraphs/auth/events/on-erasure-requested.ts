import type { Bus, Consumer } from '../../../platform/bus/bus.js'
import type { Logger } from '../../../platform/log/logger.js'
import { answerErasures } from '../../../platform/personal-data/answer-erasures.js'
import { userErasureAcknowledged } from '../../../schema/contracts/user-erasure-acknowledged.js'
import { userErasureRequested } from '../../../schema/contracts/user-erasure-requested.js'
import type { AuditChain } from '../audit/audit-chain.js'
import type { AuthPrisma, AuthTransaction } from '../persistence/auth-prisma.js'
import { personalData } from '../persistence/personal-data.js'
import { endTokensOf } from '../persistence/end-tokens.js'
import { endWithFacts, nobody } from '../persistence/prisma-sessions.js'

export interface OnErasureRequestedParts {
  readonly bus: Bus
  readonly logger: Logger
  readonly prisma: AuthPrisma
  readonly audit: AuditChain
  /** Called after a commit that wrote events. */
  readonly committed: () => void
  readonly now: () => Date
}

/**
 * Ends a person's sessions and erases their account: credentials, factors, links, mails. The address is free again. The audit
 * log gets its last entries about them, then their pseudonym means nobody and the key of their details is gone.
 */
export function onErasureRequested({ prisma, audit, committed, ...parts }: OnErasureRequestedParts): Promise<Consumer> {
  return answerErasures<AuthTransaction>({
    ...parts,
    service: 'auth',
    requested: userErasureRequested,
    acknowledged: userErasureAcknowledged,
    plan: personalData,
    async transact(work) {
      await prisma.$transaction(work, PATIENCE)
      committed()
    },
    async before(transaction: AuthTransaction, userId, at) {
      await transaction.passkeyChallenge.deleteMany({ where: { binding: { contains: userId } } })
      await forgetNumberOf(transaction, userId, at)
      const isKnown = (await transaction.auditPerson.count({ where: { userId } })) > 0
      const { facts } = await endWithFacts(transaction, userId, at, { reason: 'account.erased' }, nobody)
      await endTokensOf(transaction, userId, at)
      const erased = { action: 'account.erased', actor: nobody, subjectId: userId } as const
      if (isKnown) await audit.write(transaction, at, ...facts, erased) // asked again: the log knows nobody of this id
    },
  })
}

/**
 * Takes a person out of the codes that were sent to them, also when they had no account yet. That each was sent stays known for
 * a day: who could be erased to send anew would have the house pay for as many messages as they like.
 */
async function forgetNumberOf(transaction: AuthTransaction, accountId: string, usedAt: Date): Promise<void> {
  const phone = await transaction.phone.findUnique({ where: { accountId }, select: { number: true } })
  const nobodys = { accountId: null, registrationId: null, number: '', ipAddress: null, network: '' }
  await transaction.smsCode.updateMany({
    where: phone === null ? { accountId } : { OR: [{ accountId }, { accountId: null, number: phone.number }] },
    data: { ...nobodys, usedAt, dueAt: null },
  })
  if (phone !== null) await transaction.phoneRegistration.deleteMany({ where: { number: phone.number } })
}

const PATIENCE = { maxWait: 10_000, timeout: 20_000 } // it waits for whoever is writing about the person
