import type { Profiles } from '../domain/profile.js'
import { changedColumns, profileColumns as select, profileOf } from './profile-row.js'
import type { UserPrisma } from './user-prisma.js'

/** Profiles in Postgres. */
export function createPrismaProfiles(prisma: UserPrisma, now: () => Date): Profiles {
  /** Many may find at the same time that there is none: all but one of them insert nothing. */
  const insertIfMissing = async (userId: string): Promise<void> => {
    const at = now()
    await prisma.profile.createMany({ data: [{ userId, createdAt: at, updatedAt: at }], skipDuplicates: true })
  }
  return {
    async findMany(userIds) {
      const rows = await prisma.profile.findMany({ where: { userId: { in: [...userIds] } }, select })
      return rows.map(profileOf)
    },
    async ensure(userId) {
      await insertIfMissing(userId)
      return profileOf(await prisma.profile.findUniqueOrThrow({ where: { userId }, select }))
    },
    async change(userId, changes, version) {
      await insertIfMissing(userId)
      const [changed] = await prisma.profile.updateManyAndReturn({
        where: { userId, deletedAt: null, ...(version !== undefined && { version }) },
        data: { ...changedColumns(changes), version: { increment: 1 }, updatedAt: now() },
        select,
      })
      return changed === undefined ? null : profileOf(changed)
    },
    setDeletion: (userId, decide) =>
      prisma.$transaction(async (transaction) => {
        await transaction.$queryRaw`SELECT 1 FROM profiles WHERE user_id = ${userId}::uuid FOR UPDATE`
        const row = await transaction.profile.findUnique({ where: { userId }, select })
        if (row === null) return null
        const deletion = decide(profileOf(row))
        const data = { deletedAt: deletion?.at ?? null, deletedBy: deletion?.by ?? null }
        return profileOf(await transaction.profile.update({ where: { userId }, data, select }))
      }),
  }
}
