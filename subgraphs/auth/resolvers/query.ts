import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { QueryResolvers } from '../generated/resolvers.js'

export const query: QueryResolvers = {
  async mySessions(_parent, _args, context) {
    const { userId, sessionId } = requirePrincipal(context)
    const sessions = await context.useCases.liveSessions(userId)
    return sessions.map((session) => ({ session, isCurrent: session.id === sessionId }))
  },
  myPermissions: (_parent, _args, context) => [...requirePrincipal(context).permissions].sort(),
}
