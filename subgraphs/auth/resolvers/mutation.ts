import { AppError } from '../../../platform/errors/app-error.js'
import { isEntityId } from '../../../platform/graphql/entity-id.js'
import { parseInput } from '../../../platform/graphql/parse-input.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { MutationResolvers } from '../generated/resolvers.js'
import { loginInput, refreshTokenInput, registerInput } from './inputs.js'

/** The same to everybody: whether the address had an account must not show. */
const NEXT_STEP = 'If this address had no account, it has one now. Sign in with it and your password.'

export const mutation: MutationResolvers = {
  async register(_parent, { input }, { useCases }) {
    const { email, password, name } = parseInput(registerInput, input)
    return { ...(await useCases.register(email, password, name)), message: NEXT_STEP }
  },
  login(_parent, { input }, { useCases, userAgent, clientAddress: ipAddress }) {
    const { email, password } = parseInput(loginInput, input)
    return useCases.logIn(email, password, { userAgent, ipAddress })
  },
  refreshToken: (_parent, { input }, { useCases }) =>
    useCases.refreshSession(parseInput(refreshTokenInput, input).refreshToken),
  async logout(_parent, _args, context) {
    const { userId, sessionId } = requirePrincipal(context)
    await context.useCases.endSessions.logout(userId, sessionId)
    return true
  },
  logoutAll: (_parent, _args, context) => context.useCases.endSessions.logoutAll(requirePrincipal(context).userId),
  async revokeSession(_parent, { id }, context) {
    const { userId, sessionId } = requirePrincipal(context)
    if (!isEntityId(id)) throw new AppError('RES_NOT_FOUND')
    const session = await context.useCases.endSessions.revoke(userId, id)
    return { session, isCurrent: session.id === sessionId }
  },
}
