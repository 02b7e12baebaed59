import type { QueryResolvers } from '../generated/resolvers.js'

export const query: QueryResolvers = {
  me: (_parent, _args, { people }) => people.viewer(),
  user: (_parent, { id }, { people }) => people.find(id),
}
