import type { UserResolvers } from '../generated/resolvers.js'

export const user: UserResolvers = {
  __resolveReference: ({ id }, { people }) => people.find(id),
  age: ({ profile }) => profile.age,
  active: ({ deletion }) => deletion && deletion.deletedAt === null,
  deletedAt: ({ deletion }) => deletion && deletion.deletedAt,
  async lastVerifiedAt({ id, isViewer }, _args, { loaders }) {
    return isViewer ? ((await loaders.activity.load(id))?.lastVerifiedAt ?? null) : null
  },
  publishedContentCount: ({ id }, _args, { loaders }) => loaders.publishedContentCount.load(id),
  async completedAiRequestCount({ id, isViewer }, _args, { loaders }) {
    return isViewer ? ((await loaders.activity.load(id))?.completedAiRequestCount ?? 0) : null
  },
}
