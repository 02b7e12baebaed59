import { decodeCursor, pageSize, toConnection } from '../../../platform/graphql/connection.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { AiHistoryPosition } from '../domain/ai-history.js'
import type { QueryResolvers } from '../generated/resolvers.js'
import { historyCursor } from './inputs.js'

export const query: QueryResolvers = {
  aiConsent: (_parent, _args, context) => context.hasConsent(requirePrincipal(context).userId),
  aiModels: (_parent, _args, context) => context.models,
  aiRequest: (_parent, { id }, context) => context.ownRequestById.load(id),
  async aiRequests(_parent, args, context) {
    const size = pageSize(args.first)
    const { userId } = requirePrincipal(context)
    const found = await context.history.listOwn(userId, positionOf(args.after), size + 1)
    return toConnection(found, size, ({ createdAt, id }) => [createdAt.getTime(), id])
  },
}

function positionOf(cursor: string | null | undefined): AiHistoryPosition | null {
  if (cursor === null || cursor === undefined) return null
  const [createdAtMs, id] = decodeCursor(cursor, historyCursor)
  return { createdAt: new Date(createdAtMs), id }
}
