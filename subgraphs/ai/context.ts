import DataLoader from 'dataloader'
import type { SubgraphContext } from '../../platform/graphql/subgraph-context.js'
import type { AiHistory } from './domain/ai-history.js'
import type { AiModel } from './domain/ai-model.js'
import type { AiRequest } from './domain/ai-request.js'
import type { AskAi } from './domain/ask-ai.js'
import { requestId } from './domain/request-id.js'

interface AiParts {
  readonly askAi: AskAi
  readonly history: AiHistory
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
  return new DataLoader(async (texts) => {
    if (userId === null) return texts.map(() => null)
    const ids = texts.map(requestId)
    const known = ids.filter((id) => id !== null)
    const found = new Map((await history.findOwn(userId, known)).map((request) => [request?.id, request]))
    return ids.map((id) => (id === null ? null : (found.get(id) ?? null)))
  })
}
