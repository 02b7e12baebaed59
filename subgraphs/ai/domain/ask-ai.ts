import { AppError } from '../../../platform/errors/app-error.js'
import type { AiModel } from './ai-model.js'
import type { AiRequest } from './ai-request.js'

export interface AiQuestion {
  readonly prompt: string
  readonly model: string | null
  readonly maxTokens: number
}

/** Where accepted requests go. */
export interface AiInbox {
  /**
   * Stores the request, tells its owner it is queued and announces it to the workers: all of it, or nothing. False, with
   * nothing stored, where its owner does not agree to have models asked.
   */
  accept(request: AiRequest): Promise<boolean>
}

export interface AskAiParts {
  readonly inbox: AiInbox
  readonly models: readonly AiModel[]
  readonly now: () => Date
  readonly newId: () => string
}

/** Accepts a question and comes back at once; a worker answers it later. */
export type AskAi = (userId: string, question: AiQuestion) => Promise<AiRequest>

/**
 * With no model configured the question is accepted all the same and fails as a request, so that who asks finds the
 * reason where answers are found. Throws AI_MODEL_NOT_FOUND for a model that is not among those configured, and
 * AUTHZ_CONSENT_REQUIRED.
 */
export function createAskAi({ inbox, models, now, newId }: AskAiParts): AskAi {
  return async (userId, { prompt, model, maxTokens }) => {
    if (model !== null && models.length > 0 && !models.some(({ id }) => id === model)) {
      throw new AppError('AI_MODEL_NOT_FOUND', {
        details: [{ field: 'input.model', reason: 'is none of aiModels' }],
      })
    }
    const request: AiRequest = {
      id: newId(),
      userId,
      state: 'QUEUED',
      prompt,
      requestedModel: model,
      maxTokens,
      output: null,
      model: null,
      failure: null,
      promptTokens: null,
      completionTokens: null,
      latencyMs: null,
      createdAt: now(),
      finishedAt: null,
    }
    if (!(await inbox.accept(request))) throw new AppError('AUTHZ_CONSENT_REQUIRED')
    return request
  }
}
