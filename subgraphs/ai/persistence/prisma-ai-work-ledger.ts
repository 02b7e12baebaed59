import { z } from 'zod'
import { ended, queuedAgain, running, type AiOutcome } from '../domain/ai-request.js'
import type { AiWorkLedger, Lease } from '../domain/answer-request.js'
import { announcement, completedEvent, progressEvent, type RequestKey } from '../events/request-events.js'
import { Prisma } from '../generated/prisma/client.js'
import type { AiTransaction } from './ai-prisma.js'
import { createToldStep, type ToldStepParts } from './told-step.js'

/**
 * The workers' ledger in Postgres. Every step is one statement that changes the row only for the holder of its lease, in one
 * transaction with what is told about it. Leases run by the database's clock, the one that all replicas share.
 */
export function createPrismaAiWorkLedger(parts: ToldStepParts): AiWorkLedger {
  const { prisma, now } = parts
  const step = createToldStep(parts)
  return {
    async claim({ requestId, leaseId }, leaseMs) {
      const [claimed] = await step(
        async (transaction) =>
          claimedRows.parse(
            await transaction.$queryRaw`
              UPDATE ai_requests
              SET state = 'RUNNING', attempts = attempts + 1, lease_id = ${leaseId}::uuid, leased_until = ${leaseEnd(leaseMs)}
              WHERE id = ${requestId}::uuid AND state = 'QUEUED'
              RETURNING id, user_id AS "userId", prompt, requested_model AS "requestedModel", max_tokens AS "maxTokens", attempts`,
          ),
        (request, at) => [progressEvent(request, running, at)],
      )
      return claimed ?? null
    },
    async renew({ requestId, leaseId }, leaseMs) {
      const renewed = await prisma.$executeRaw`
        UPDATE ai_requests SET leased_until = ${leaseEnd(leaseMs)} WHERE id = ${requestId}::uuid AND lease_id = ${leaseId}::uuid`
      return renewed === 1
    },
    async fallBack(lease, progress) {
      const rows = await step(
        (transaction) => updateLeased(transaction, lease, { state: 'FALLBACK' }),
        (request, at) => [progressEvent(request, progress, at)],
      )
      return rows.length === 1
    },
    async finish(lease, outcome) {
      const rows = await step(
        (transaction) => updateLeased(transaction, lease, { ...columnsOf(outcome), finishedAt: now(), ...noLease }),
        // whoever sees the last step may count on the others having been told
        (request, at) => [completedEvent(request, outcome, at), progressEvent(request, ended(outcome), at)],
      )
      return rows.length === 1
    },
    async release(lease) {
      await step(
        (transaction) => updateLeased(transaction, lease, { state: 'QUEUED', announcedAt: now(), ...noLease }),
        (request, at) => [progressEvent(request, queuedAgain, at), announcement(request, at)],
      )
    },
  }
}

const noLease = { leaseId: null, leasedUntil: null }

const claimedRows = z.array(
  z.object({
    id: z.string(),
    userId: z.string(),
    prompt: z.string(),
    requestedModel: z.string().nullable(),
    maxTokens: z.number(),
    attempts: z.number(),
  }),
)

function leaseEnd(leaseMs: number): Prisma.Sql {
  return Prisma.sql`now() + ${leaseMs}::float8 * interval '1 millisecond'`
}

function updateLeased(
  transaction: AiTransaction,
  { requestId, leaseId }: Lease,
  data: Prisma.AiRequestUpdateManyMutationInput,
): Promise<readonly RequestKey[]> {
  return transaction.aiRequest.updateManyAndReturn({
    where: { id: requestId, leaseId },
    data,
    select: { id: true, userId: true },
  })
}

function columnsOf(outcome: AiOutcome): Prisma.AiRequestUpdateManyMutationInput {
  if (outcome.state === 'COMPLETED') return outcome
  return { state: 'FAILED', failureCode: outcome.failure.code, failureMessage: outcome.failure.message }
}
