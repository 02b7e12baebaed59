import DataLoader from 'dataloader'
import { isEntityId } from '../../platform/graphql/entity-id.js'
import type { SubgraphContext } from '../../platform/graphql/subgraph-context.js'
import type { AiHistory } from './domain/ai-history.js'
import type { AiModel } from './domain/ai-model.js'
import type { AiRequest } from './domain/ai-request.js'
import type { AskAi } from './domain/ask-ai.js'

interface AiParts {
  readonly askAi: AskAi
  readonly history: AiHistory
  /** Whether a person agrees to have models asked, as far as has been told. */
  readonly hasConsent: (userId: string) => Promise<boolean>
  /** In the order they are tried. */
  readonly models: readonly AiModel[]
}

/** What an ai resolver can count on. */
export interface AiContext extends SubgraphContext, AiParts {
  /** Any text an id; null for what does not exist and for what somebody else asked. */
  readonly ownRequestById: DataLoader<string, AiRequest | null>
}

/** One request's context: the loader made here batches within it and knows nobody else's answers. */
export function createAiContext(base: SubgraphContext, parts: AiParts): AiContext {
  return { ...base, ...parts, ownRequestById: createLoader(parts.history, base.principal?.userId ?? null) }
}

function createLoader(history: AiHistory, userId: string | null): DataLoader<string, AiRequest | null> {
  return new DataLoader(async (ids) => {
    if (userId === null) return ids.map(() => null)
    const known = ids.filter(isEntityId)
    const found = new Map((await history.findOwn(userId, known)).map((request) => [request?.id, request]))
    return ids.map((id) => found.get(id) ?? null)
  })
}
