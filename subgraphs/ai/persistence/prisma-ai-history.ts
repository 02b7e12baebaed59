import { isErrorCode } from '../../../platform/errors/error-codes.js'
import type { AiHistory } from '../domain/ai-history.js'
import type { AiFailure, AiRequest } from '../domain/ai-request.js'
import type { AiRequest as AiRequestRow } from '../generated/prisma/client.js'
import type { AiPrisma } from './ai-prisma.js'

/** Reads requests from Postgres: one statement a call, and never a row that is not the reader's own. */
export function createPrismaAiHistory(prisma: AiPrisma): AiHistory {
  return {
    async findOwn(userId, ids) {
      const rows = await prisma.aiRequest.findMany({ where: { id: { in: [...ids] }, userId } })
      const byId = new Map(rows.map((row) => [row.id, toRequest(row)]))
      return ids.map((id) => byId.get(id) ?? null)
    },
    async listOwn(userId, after, limit) {
      const beyond = after && {
        OR: [{ createdAt: { lt: after.createdAt } }, { createdAt: after.createdAt, id: { lt: after.id } }],
      }
      const rows = await prisma.aiRequest.findMany({
        where: { userId, ...beyond },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: limit,
      })
      return rows.map(toRequest)
    },
  }
}

function toRequest(row: AiRequestRow): AiRequest {
  const { failureCode, failureMessage } = row
  const failure: AiFailure | null = isErrorCode(failureCode)
    ? { code: failureCode, message: failureMessage ?? '' }
    : null
  return { ...row, failure }
}
