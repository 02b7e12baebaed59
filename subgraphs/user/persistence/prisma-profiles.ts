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
  const upsert = (userId: string, changes: Parameters<Profiles['change']>[1], updatedAt?: Date): Promise<Profile> =>
    prisma.profile.upsert({
      where: { userId },
      create: { ...changes, userId, createdAt: now(), updatedAt: now() },
      update: { ...changes, ...(updatedAt !== undefined && { updatedAt }) },
      select: columns,
    })
  return {
    findMany: (userIds) => prisma.profile.findMany({ where: { userId: { in: [...userIds] } }, select: columns }),
    ensure: (userId) => upsert(userId, {}),
    change: (userId, changes) => upsert(userId, changes, now()),
  }
}
