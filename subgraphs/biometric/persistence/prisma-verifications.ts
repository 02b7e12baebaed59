import { z } from 'zod'
import { writeToOutbox } from '../../../platform/bus/outbox.js'
import type { CancellableVerifications } from '../domain/cancel-verification.js'
import type { OverdueVerifications } from '../domain/expire-overdue.js'
import type { ReadableVerifications } from '../domain/read-verifications.js'
import type { NewVerifications } from '../domain/start-verification.js'
import { progressEvent } from '../events/biometric-events.js'
import type { BiometricPrisma, Transact } from './biometric-prisma.js'
import { endSessions } from './end-sessions.js'
import { lockActiveRecords } from './lock-active-records.js'
import { readBlock } from './prisma-failure-counters.js'
import { toSession } from './session-rows.js'

type Verifications = NewVerifications & ReadableVerifications & OverdueVerifications & CancellableVerifications

/** Sessions from their beginning to their end; what a frame does to one stands in prisma-frames.ts. */
export function createPrismaVerifications(prisma: BiometricPrisma, transact: Transact): Verifications {
  return {
    findBlock: (subject, limit, now) => readBlock(prisma, subject, limit, now),
    add: (session, step, now) =>
      transact(async (transaction) => {
        if (!(await lockActiveRecords(transaction, session.recordIds, session.userId))) return false
        const { result: _none, recordIds, likelihoods, ...columns } = session
        const [recordId = ''] = recordIds
        await transaction.verificationSession.create({
          data: { ...columns, recordId, recordIds: [...recordIds], likelihoods: [...likelihoods] },
        })
        await writeToOutbox(transaction, progressEvent(session, step, now))
        return true
      }),
    async find(ids, userId) {
      const rows = await prisma.verificationSession.findMany({
        where: { id: { in: [...ids] }, ...(userId !== null && { userId }) },
      })
      return rows.map(toSession)
    },
    async expire(id, step, now) {
      await transact((transaction) => endSessions(transaction, { id, expiresAt: { lte: now } }, step, now))
    },
    expireOverdue: (limit, step, now) =>
      transact(async (transaction) => {
        const found = await transaction.$queryRaw`
          SELECT id FROM verification_sessions
          WHERE state IN ('CREATED', 'CAPTURING', 'PROCESSING', 'MATCHING') AND expires_at <= ${now}::timestamptz
          ORDER BY expires_at LIMIT ${limit}::int
          FOR UPDATE SKIP LOCKED`
        const ids = z.array(z.object({ id: z.string() })).parse(found)
        if (ids.length === 0) return 0
        const ended = await endSessions(transaction, { id: { in: ids.map(({ id }) => id) } }, step, now)
        return ended.length
      }),
    async end(id, userId, step, now) {
      const [ended] = await transact((transaction) => endSessions(transaction, { id, userId }, step, now))
      return ended ?? null
    },
  }
}
