import type { Profile, ProfileChanges } from '../domain/profile.js'
import type { Prisma } from '../generated/prisma/client.js'

/** What is read of a row of profiles. */
export const profileColumns = {
  userId: true,
  displayName: true,
  bio: true,
  avatarUrl: true,
  status: true,
  phone: true,
  dateOfBirth: true,
  timezone: true,
  locale: true,
  version: true,
  showsProfile: true,
  showsStatus: true,
  showsPhone: true,
  showsAge: true,
  searchable: true,
  updatedAt: true,
  deletedAt: true,
  deletedBy: true,
} as const satisfies Prisma.ProfileSelect

type ProfileRow = Prisma.ProfileGetPayload<{ select: typeof profileColumns }>

export function profileOf({
  showsProfile,
  showsStatus,
  showsPhone,
  showsAge,
  searchable,
  dateOfBirth,
  ...row
}: ProfileRow): Profile {
  return {
    ...row,
    dateOfBirth: dateOfBirth === null ? null : dateOfBirth.toISOString().slice(0, 10),
    privacy: { showsProfile, showsStatus, showsPhone, showsAge, searchable },
  }
}

/** Changes as columns. */
export function changedColumns({
  privacy,
  dateOfBirth,
  ...changes
}: ProfileChanges): Prisma.ProfileUpdateManyMutationInput {
  return {
    ...changes,
    ...privacy,
    ...(dateOfBirth !== undefined && { dateOfBirth: dateOfBirth === null ? null : new Date(dateOfBirth) }),
  }
}
