import type { ErrorCode } from '../../../platform/errors/error-codes.js'

export type AiRequestState = 'QUEUED' | 'RUNNING' | 'FALLBACK' | 'COMPLETED' | 'FAILED' | 'CANCELLED'

export interface AiFailure {
  readonly code: ErrorCode
  /** For the person who asked. */
  readonly message: string
}

/** One question to a model and what came of it. Only its owner ever sees it. */
export interface AiRequest {
  readonly id: string
  readonly userId: string
  readonly state: AiRequestState
  readonly prompt: string
  /** Null for the first of the configuration. */
  readonly requestedModel: string | null
  readonly maxTokens: number
  readonly output: string | null
  /** The model that answered. */
  readonly model: string | null
  readonly failure: AiFailure | null
  readonly promptTokens: number | null
  readonly completionTokens: number | null
  readonly latencyMs: number | null
  readonly createdAt: Date
  readonly finishedAt: Date | null
}

/** A step of a request, as the one who asked is told of it. */
export interface AiProgress {
  readonly state: AiRequestState
  readonly percent: number
  readonly message: string
}

/** How a request ended. */
export type AiOutcome =
  | {
      readonly state: 'COMPLETED'
      readonly output: string
      readonly model: string
      readonly provider: string
      readonly promptTokens: number | null
      readonly completionTokens: number | null
      readonly latencyMs: number
    }
  | { readonly state: 'FAILED'; readonly failure: AiFailure }

export const queued: AiProgress = { state: 'QUEUED', percent: 0, message: 'Waiting for a worker.' }
export const queuedAgain: AiProgress = { ...queued, message: 'The worker stopped; waiting for another one.' }
export const running: AiProgress = { state: 'RUNNING', percent: 10, message: 'A worker has taken it up.' }

/** The last step of a request that no model is to be asked any more. */
export const withdrawn: AiProgress = { state: 'CANCELLED', percent: 100, message: 'You have withdrawn your consent.' }

/** The last step of a request. */
export function ended(outcome: AiOutcome): AiProgress {
  const message = outcome.state === 'COMPLETED' ? `${outcome.model} has answered.` : outcome.failure.message
  return { state: outcome.state, percent: 100, message }
}
