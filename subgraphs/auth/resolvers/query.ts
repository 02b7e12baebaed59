import { AppError } from '../../../platform/errors/app-error.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { QueryResolvers } from '../generated/resolvers.js'

export const query: QueryResolvers = {
  async mySessions(_parent, _args, context) {
    const { userId, sessionId } = requirePrincipal(context)
    const sessions = await context.useCases.liveSessions(userId)
    return sessions.map((session) => ({ session, isCurrent: session.id === sessionId }))
  },
  async mySecondFactors(_parent, _args, context) {
    const { hasTotp, recoveryCodesLeft } = await context.useCases.secondFactors.stateOf(
      requirePrincipal(context).userId,
    )
    return { totp: hasTotp, recoveryCodesLeft }
  },
  developmentMails(_parent, { to }, { readers }) {
    if (readers.developmentMails === null) throw new AppError('AUTHZ_FORBIDDEN')
    return [...readers.developmentMails(to)]
  },
  myPermissions: (_parent, _args, context) => [...requirePrincipal(context).permissions].sort(),
}
