import { writeToOutbox } from '../../../platform/bus/outbox.js'
import { AppError } from '../../../platform/errors/app-error.js'
import { isErased } from '../../../platform/personal-data/erased-people.js'
import { queued } from '../domain/ai-request.js'
import type { AiInbox } from '../domain/ask-ai.js'
import { announcement, progressEvent } from '../events/request-events.js'
import type { AiPrisma } from './ai-prisma.js'
import { hasConsent, lockQuestions } from './prisma-consents.js'

export interface PrismaAiInboxParts {
  readonly prisma: AiPrisma
  /** Called after a commit that wrote an event. */
  readonly wakeRelay: () => void
}

/** Accepts requests into Postgres: the request, its first progress and its announcement are one transaction. */
export function createPrismaAiInbox({ prisma, wakeRelay }: PrismaAiInboxParts): AiInbox {
  return {
    async accept(request) {
      const { id, userId, prompt, requestedModel, maxTokens, createdAt } = request
      const row = { id, userId, prompt, requestedModel, maxTokens, createdAt, announcedAt: createdAt }
      const isAccepted = await prisma.$transaction(async (transaction) => {
        await lockQuestions(transaction, userId)
        if (!(await hasConsent(transaction, userId))) {
          if (await isErased(transaction, userId)) throw new AppError('RES_ALREADY_DELETED')
          return false
        }
        await transaction.aiRequest.create({ data: row, select: { id: true } })
        await writeToOutbox(transaction, progressEvent(request, queued, createdAt), announcement(request, createdAt))
        return true
      })
      if (isAccepted) wakeRelay()
      return isAccepted
    },
  }
}
