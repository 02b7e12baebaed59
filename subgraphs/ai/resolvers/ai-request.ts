import type { AiRequestResolvers } from '../generated/resolvers.js'

export const aiRequest: AiRequestResolvers = {
  __resolveReference: ({ id }, context) => context.ownRequestById.load(id),
  user: ({ userId }) => ({ __typename: 'User', id: userId }),
}
