import { AppError } from '../../../platform/errors/app-error.js'
import { modelChain, type AiModel } from './ai-model.js'
import type { AiProvider, ModelReply } from './ai-provider.js'
import type { AiOutcome, AiProgress, AiRequest } from './ai-request.js'

export interface AskModelsParts {
  /** In the order they are tried. */
  readonly models: readonly AiModel[]
  /** By the name in the configuration. */
  readonly providers: ReadonlyMap<string, AiProvider>
  readonly now: () => Date
}

export interface ModelTries {
  /** Called BEFORE the next model is tried. What it throws ends the tries. */
  readonly onFallback: (progress: AiProgress, failed: AiModel, error: AppError) => Promise<void>
  readonly signal: AbortSignal
}

type Question = Pick<AiRequest, 'prompt' | 'requestedModel' | 'maxTokens'>

/** Asks one model after the other until one answers. Throws only what `onFallback` and the signal throw. */
export type AskModels = (question: Question, tries: ModelTries) => Promise<AiOutcome>

/**
 * Whatever keeps one model from answering (overloaded, broken, too slow, unreadable) the next one may still do it, so every
 * failure falls back. The last failure is the one a person reads.
 */
export function createAskModels({ models, providers, now }: AskModelsParts): AskModels {
  const ask = async (model: AiModel, question: Question, signal: AbortSignal): Promise<ModelReply | AppError> => {
    try {
      const provider = providers.get(model.provider)
      if (provider === undefined) throw new AppError('AI_MODEL_NOT_FOUND')
      const maxTokens = Math.min(question.maxTokens, model.outputLimit)
      return await provider.complete({ model: model.id, prompt: question.prompt, maxTokens }, signal)
    } catch (error) {
      signal.throwIfAborted()
      return error instanceof AppError ? error : new AppError('AI_REQUEST_FAILED', { cause: error })
    }
  }
  return async (question, { onFallback, signal }) => {
    const chain = modelChain(models, question.requestedModel)
    const started = now().getTime()
    let failure = nothingConfigured
    for (const [index, model] of chain.entries()) {
      const reply = await ask(model, question, signal)
      if (!(reply instanceof AppError)) return completed(model, reply, now().getTime() - started)
      failure = reply
      const next = chain[index + 1]
      if (next !== undefined) await onFallback(fellBack(model, next, (index + 1) / chain.length), model, reply)
    }
    return { state: 'FAILED', failure: { code: failure.code, message: failure.message } }
  }
}

const nothingConfigured = new AppError('AI_MODEL_NOT_FOUND', {
  message: 'No AI provider is configured: whoever runs this system can set AI_PROVIDERS (.env.example shows how).',
})

function completed(model: AiModel, { text, promptTokens, completionTokens }: ModelReply, latencyMs: number): AiOutcome {
  return {
    state: 'COMPLETED',
    output: text,
    model: model.id,
    provider: model.provider,
    promptTokens,
    completionTokens,
    latencyMs,
  }
}

function fellBack(failed: AiModel, next: AiModel, tried: number): AiProgress {
  return {
    state: 'FALLBACK',
    percent: 10 + Math.round(80 * tried),
    message: `${failed.id} could not answer; ${next.id} is tried.`,
  }
}
