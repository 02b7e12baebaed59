import { z } from 'zod'
import { queuedAgain } from '../domain/ai-request.js'
import type { LostWorkFinder } from '../domain/find-lost-work.js'
import { announcement, progressEvent } from '../events/request-events.js'
import { createToldStep, type ToldStepParts } from './told-step.js'

/** Finds in Postgres what nobody works on. Rows that another replica looks at in the same moment are left to it. */
export function createPrismaLostWork(parts: ToldStepParts): LostWorkFinder {
  const step = createToldStep(parts)
  return {
    async announceAgain(announcedBefore, limit) {
      const rows = await step(
        async (transaction) =>
          lostRows.parse(
            await transaction.$queryRaw`
              WITH lost AS (
                SELECT id, state <> 'QUEUED' AS held FROM ai_requests
                WHERE (state = 'QUEUED' AND announced_at < ${announcedBefore}::timestamptz)
                  OR (state IN ('RUNNING', 'FALLBACK') AND leased_until < now())
                ORDER BY created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
              )
              UPDATE ai_requests AS request
              SET state = 'QUEUED', lease_id = NULL, leased_until = NULL, announced_at = ${parts.now()}::timestamptz
              FROM lost WHERE request.id = lost.id
              RETURNING request.id, request.user_id AS "userId", lost.held`,
          ),
        (request, at) => [
          ...(request.held ? [progressEvent(request, queuedAgain, at)] : []),
          announcement(request, at),
        ],
      )
      return rows.length
    },
  }
}

const lostRows = z.array(z.object({ id: z.string(), userId: z.string(), held: z.boolean() }))
