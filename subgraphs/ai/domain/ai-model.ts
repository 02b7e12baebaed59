export type AiModality = 'TEXT' | 'VISION' | 'CODE'

/** A configured model. */
export interface AiModel {
  /** The name its provider knows it by; two providers may offer one of the same name. */
  readonly id: string
  readonly provider: string
  readonly contextWindow: number
  readonly outputLimit: number
  readonly modalities: readonly AiModality[]
}

/** The models to try for a request, in order: the one asked for, then the others as they are configured. */
export function modelChain(models: readonly AiModel[], requested: string | null): readonly AiModel[] {
  if (requested === null) return models
  return [...models.filter(({ id }) => id === requested), ...models.filter(({ id }) => id !== requested)]
}
