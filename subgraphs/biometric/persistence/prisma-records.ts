import { writeToOutbox } from '../../../platform/bus/outbox.js'
import type { BiometricRecord, BiometricType } from '../domain/biometric-record.js'
import type { EnrolledRecords } from '../domain/enroll-biometric.js'
import type { RetirableRecords } from '../domain/retire-biometric.js'
import { steps } from '../domain/verification-session.js'
import { enrolledEvent } from '../events/biometric-events.js'
import type { BiometricPrisma, Transact } from './biometric-prisma.js'
import { endSessions } from './end-sessions.js'
import type { PersonKeys } from './person-keys.js'
import { hasConsent, lockEnrolments } from './prisma-consents.js'
import { templateContext } from './prisma-templates.js'
import type { ProbeDigests } from './probe-digests.js'

export interface RecordPage {
  readonly userId: string
  readonly type?: BiometricType | undefined
  /** The sort key of the last record of the page before. */
  readonly after?: { readonly enrolledAt: Date; readonly id: string } | undefined
  readonly limit: number
}

export interface PrismaRecords extends EnrolledRecords, RetirableRecords {
  /** Those of the ids that are the user's, in any order. */
  find(ids: readonly string[], userId: string): Promise<BiometricRecord[]>
  /** A user's records, newest first. */
  page(page: RecordPage): Promise<BiometricRecord[]>
}

interface RecordParts {
  readonly prisma: BiometricPrisma
  readonly transact: Transact
  readonly personKeys: PersonKeys
  readonly digests: ProbeDigests
}

const NEWEST_FIRST = [{ enrolledAt: 'desc' as const }, { id: 'desc' as const }]

export function createPrismaRecords({ prisma, transact, personKeys, digests }: RecordParts): PrismaRecords {
  return {
    add: (record, template, most) =>
      transact(async (transaction) => {
        // enrolments of one user one after the other: counted together, none would see the others
        await lockEnrolments(transaction, record.userId)
        if (!(await hasConsent(transaction, record.userId))) return 'no-consent'
        const active = await transaction.biometricRecord.count({
          where: { userId: record.userId, isActive: true, expiresAt: { gt: record.enrolledAt } },
        })
        if (active >= most) return 'full'
        const cipher = await personKeys.ensure(transaction, record.userId, record.enrolledAt)
        const sealed = cipher.seal(template, templateContext(record))
        await transaction.biometricRecord.create({ data: record })
        await transaction.biometricTemplate.create({
          data: { recordId: record.id, sealed, digest: digests.current(record.id, template) },
        })
        await writeToOutbox(transaction, enrolledEvent(record))
        return 'added'
      }),
    deactivate: (id, userId, now) =>
      transact(async (transaction) => {
        const [record] = await transaction.biometricRecord.updateManyAndReturn({
          where: { id, userId },
          data: { isActive: false },
        })
        if (record === undefined) return null
        await endSessions(transaction, { recordId: id, userId }, steps.recordRetired, now)
        return record
      }),
    remove: (id, userId, now) =>
      transact(async (transaction) => {
        const { count } = await transaction.biometricRecord.deleteMany({ where: { id, userId } })
        if (count === 0) return false
        await endSessions(transaction, { recordId: id, userId }, steps.recordRetired, now)
        await transaction.failureCounter.deleteMany({ where: { userId, subjectId: id } })
        return true
      }),
    find: (ids, userId) => prisma.biometricRecord.findMany({ where: { id: { in: [...ids] }, userId } }),
    page: ({ userId, type, after, limit }) =>
      prisma.biometricRecord.findMany({
        where: {
          userId,
          ...(type !== undefined && { type }),
          ...(after !== undefined && {
            OR: [{ enrolledAt: { lt: after.enrolledAt } }, { enrolledAt: after.enrolledAt, id: { lt: after.id } }],
          }),
        },
        orderBy: NEWEST_FIRST,
        take: limit,
      }),
  }
}
