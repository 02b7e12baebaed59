import { consumeEvents } from '../../../platform/bus/consume-events.js'
import type { Bus, Consumer } from '../../../platform/bus/bus.js'
import type { Logger } from '../../../platform/log/logger.js'
import { aiGenerationRequested } from '../../../schema/contracts/ai-generation-requested.js'
import type { AnswerRequest } from '../domain/answer-request.js'

export interface OnGenerationRequestedParts {
  readonly bus: Bus
  readonly answerRequest: AnswerRequest
  readonly logger: Logger
  readonly closing: AbortSignal
}

/**
 * One worker: takes up one announced request at a time. No inbox: a second delivery finds that the request is not QUEUED
 * any more, and that is decided in the same statement that takes it.
 */
export function onGenerationRequested({
  bus,
  answerRequest,
  logger,
  closing,
}: OnGenerationRequestedParts): Promise<Consumer> {
  return consumeEvents({
    bus,
    name: 'ai-workers',
    contract: aiGenerationRequested,
    logger,
    handle: ({ requestId }) => answerRequest(requestId, closing),
  })
}
