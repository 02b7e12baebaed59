import type { AiConfig } from '../config.js'
import type { AiModel } from '../domain/ai-model.js'
import type { AiProvider } from '../domain/ai-provider.js'
import { openOpenAiProvider } from './open-openai-provider.js'

export interface OpenProviders {
  /** Of all providers, in the order they are tried. */
  readonly models: readonly AiModel[]
  /** By name. */
  readonly providers: ReadonlyMap<string, AiProvider>
  close(): Promise<void>
}

/** The providers of the configuration; no connection is made before the first question. */
export function openProviders(config: Pick<AiConfig, 'providers' | 'timeoutMs'>): OpenProviders {
  const { timeoutMs } = config
  const opened = config.providers.map(
    ({ name, baseUrl, apiKey }) => [name, openOpenAiProvider({ baseUrl, apiKey, timeoutMs })] as const,
  )
  return {
    models: config.providers.flatMap(({ name, models }) => models.map((model) => ({ ...model, provider: name }))),
    providers: new Map(opened),
    async close() {
      await Promise.all(opened.map(([, provider]) => provider.close()))
    },
  }
}
