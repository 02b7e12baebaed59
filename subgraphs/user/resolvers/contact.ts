import type { BlockedUserResolvers, ContactResolvers } from '../generated/resolvers.js'

export const contact: ContactResolvers = {
  user: ({ person }) => person,
  nickname: ({ contact: { nickname } }) => nickname,
  addedAt: ({ contact: { createdAt } }) => createdAt,
}

export const blockedUser: BlockedUserResolvers = {
  userId: ({ blockedId }) => blockedId,
  user: ({ blockedId }, _args, { people }) => people.find(blockedId),
  blockedAt: ({ createdAt }) => createdAt,
}
