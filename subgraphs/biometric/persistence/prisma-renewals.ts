import { writeToOutbox } from '../../../platform/bus/outbox.js'
import type { RenewableRecords, Renewal } from '../domain/renew-biometric.js'
import { steps } from '../domain/verification-session.js'
import { renewedEvent } from '../events/biometric-events.js'
import type { Transact, Transaction } from './biometric-prisma.js'
import { endSessions } from './end-sessions.js'
import type { PersonKeys } from './person-keys.js'
import { hasConsent, lockEnrolments } from './prisma-consents.js'
import type { ProbeMarks } from './prisma-frames.js'
import { templateContext } from './prisma-templates.js'

interface RenewalParts {
  readonly transact: Transact
  readonly personKeys: PersonKeys
  readonly marks: ProbeMarks
}

/** New templates of records. What galleries have to know of it a trigger writes down. */
export function createPrismaRenewals({ transact, personKeys, marks }: RenewalParts): Pick<RenewableRecords, 'renew'> {
  return {
    renew: (renewal, most) =>
      transact(async (transaction) => {
        const { record, template, qualityScore, renewedAt, expiresAt } = renewal
        const { id, userId, sampleVersion } = record
        await lockEnrolments(transaction, userId)
        if (!(await hasConsent(transaction, userId))) return 'no-consent'
        const others = await transaction.biometricRecord.count({
          where: { userId, isActive: true, expiresAt: { gt: renewedAt }, id: { not: id } },
        })
        if (others >= most) return 'full'
        // from here on no frame is claimed against the record, and none that was is concluded, until the commit
        const [renewed] = await transaction.biometricRecord.updateManyAndReturn({
          where: { id, userId, isActive: true, sampleVersion },
          data: { qualityScore, renewedAt, expiresAt, sampleVersion: { increment: 1 } },
        })
        if (renewed === undefined) return 'changed'
        await endSessions(transaction, { recordId: id, userId }, steps.recordRenewed, renewedAt)
        await rememberOld(transaction, renewal, marks)
        const cipher = await personKeys.ensure(transaction, userId, renewedAt)
        const sealed = cipher.seal(template, templateContext(record))
        const digest = marks.digests.current(id, template)
        await transaction.biometricTemplate.update({ where: { recordId: id }, data: { sealed, digest } })
        await writeToOutbox(transaction, renewedEvent(renewed, renewedAt))
        return renewed
      }),
  }
}

/** Keeps of the old template what is kept of a probe: hash and sketch. */
async function rememberOld(
  transaction: Transaction,
  { record: { id }, oldDirection, renewedAt }: Renewal,
  { sketches }: ProbeMarks,
): Promise<void> {
  const { keyId, bits } = oldDirection === null ? { keyId: null, bits: null } : sketches.all(id, oldDirection)[0]
  await transaction.$executeRaw`
    INSERT INTO verification_probes (record_id, digest, key_id, sketch, received_at)
    SELECT record_id, digest, ${keyId}, ${bits}::text::bit(512), ${renewedAt}::timestamptz
    FROM biometric_templates WHERE record_id = ${id}::uuid
    ON CONFLICT DO NOTHING`
}
