export interface ModelQuestion {
  /** The model's name at its provider. */
  readonly model: string
  readonly prompt: string
  /** The most tokens the answer may have. */
  readonly maxTokens: number
}

export interface ModelReply {
  readonly text: string
  /** As the provider counted them; null when it does not say. */
  readonly promptTokens: number | null
  readonly completionTokens: number | null
}

/** Whoever serves models. */
export interface AiProvider {
  /**
   * One try, no retries. Throws AppError: AI_REQUEST_FAILED, AI_TIMEOUT, AI_INVALID_RESPONSE or AI_MODEL_NOT_FOUND, with
   * what happened as its cause and no secret in it; the signal's reason when the signal was aborted.
   */
  complete(question: ModelQuestion, signal: AbortSignal): Promise<ModelReply>
}
