import type { Profile, Profiles } from '../domain/profile.js'
import type { UserPrisma } from './user-prisma.js'

const columns = {
  userId: true,
  displayName: true,
  bio: true,
  avatarUrl: true,
  timezone: true,
  locale: true,
  updatedAt: true,
} as const satisfies Record<keyof Profile, true>

/** Profiles in Postgres. */
export function createPrismaProfiles(prisma: UserPrisma, now: () => Date): Profiles {
  /** Many may find at the same time that there is none: all but one of them insert nothing. */
  const insertIfMissing = async (userId: string): Promise<void> => {
    const at = now()
    await prisma.profile.createMany({ data: [{ userId, createdAt: at, updatedAt: at }], skipDuplicates: true })
  }
  return {
    findMany: (userIds) => prisma.profile.findMany({ where: { userId: { in: [...userIds] } }, select: columns }),
    async ensure(userId) {
      await insertIfMissing(userId)
      return prisma.profile.findUniqueOrThrow({ where: { userId }, select: columns })
    },
    async change(userId, changes) {
      await insertIfMissing(userId)
      return prisma.profile.update({ where: { userId }, data: { ...changes, updatedAt: now() }, select: columns })
    },
  }
}
