import { excerptOf } from '../domain/excerpt.js'
import type { ContentResolvers } from '../generated/resolvers.js'

export const content: ContentResolvers = {
  __resolveReference: ({ id }, context) => context.contentById.load(id),
  author: ({ authorId }) => ({ __typename: 'User', id: authorId }),
  excerpt: ({ body }) => excerptOf(body),
}
