import type { UserResolvers } from '../generated/resolvers.js'

export const user: UserResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  biometricRecords: ({ id }, _args, { loaders }) => loaders.recordsOf.load(id),
}
