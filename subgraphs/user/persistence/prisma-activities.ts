import type { Activities } from '../domain/activity.js'
import type { UserPrisma } from './user-prisma.js'

/** What became of the events of other services, by person. */
export function createPrismaActivities(prisma: UserPrisma): Activities {
  return {
    findMany: (userIds) => prisma.activity.findMany({ where: { userId: { in: [...userIds] } } }),
    async countPublishedContent(userIds) {
      const groups = await prisma.contentState.groupBy({
        by: ['authorId'],
        where: { authorId: { in: [...userIds] }, published: true },
        _count: true,
      })
      return groups.map(({ authorId: userId, _count: count }) => ({ userId, count }))
    },
  }
}
