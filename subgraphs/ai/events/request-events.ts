import { createEventRow, type EventRow } from '../../../platform/bus/event-row.js'
import { aiCompleted } from '../../../schema/contracts/ai-completed.js'
import { aiGenerationRequested } from '../../../schema/contracts/ai-generation-requested.js'
import { aiRequestProgress } from '../../../schema/contracts/ai-request-progress.js'
import type { AiOutcome, AiProgress } from '../domain/ai-request.js'

/** Whose request an event is about. */
export interface RequestKey {
  readonly id: string
  readonly userId: string
}

/** What a subscriber to `aiRequestProgress` is told. */
export function progressEvent(
  { id, userId }: RequestKey,
  { state, percent, message }: AiProgress,
  now: Date,
): EventRow {
  const data = { request: { id }, userId, state, percent, message, occurredAt: now.toISOString() }
  return createEventRow(aiRequestProgress, data, { actorId: userId, now })
}

/** Work for the workers. */
export function announcement({ id, userId }: RequestKey, now: Date): EventRow {
  return createEventRow(aiGenerationRequested, { requestId: id }, { actorId: userId, now })
}

/** A request came to its end. */
export function completedEvent({ id, userId }: RequestKey, outcome: AiOutcome, now: Date): EventRow {
  const isAnswered = outcome.state === 'COMPLETED'
  const data = {
    requestId: id,
    userId,
    outcome: outcome.state,
    model: isAnswered ? outcome.model : null,
    totalTokens: isAnswered ? sumOf(outcome.promptTokens, outcome.completionTokens) : null,
  }
  return createEventRow(aiCompleted, data, { actorId: userId, now })
}

function sumOf(promptTokens: number | null, completionTokens: number | null): number | null {
  return promptTokens === null || completionTokens === null ? null : promptTokens + completionTokens
}
