import { AppError } from '../../../platform/errors/app-error.js'
import type { Profile, ProfileChanges, Profiles } from './profile.js'

/** A month to think it over, as people expect of other services. */
export const RESTORABLE_MS = 30 * 86_400_000

export interface EditPeopleParts {
  readonly profiles: Profiles
  readonly now: () => Date
}

export interface EditPeople {
  /** Throws RES_CONFLICT where `version` is given and no longer the profile's, RES_ALREADY_DELETED. */
  change(userId: string, changes: ProfileChanges, version?: number): Promise<Profile>
  /** Hides the person from everybody. Throws RES_ALREADY_DELETED. */
  delete(userId: string): Promise<Profile>
  /** Takes one's own deletion back, within 30 days. Who is not deleted stays as they are. Throws AUTHZ_FORBIDDEN. */
  restore(userId: string): Promise<Profile>
}

/** What people change about themselves. */
export function createEditPeople({ profiles, now }: EditPeopleParts): EditPeople {
  return {
    async change(userId, changes, version) {
      const changed = await profiles.change(userId, changes, version)
      if (changed !== null) return changed
      refuseDeleted(await profiles.ensure(userId))
      throw new AppError('RES_CONFLICT')
    },
    async delete(userId) {
      await profiles.ensure(userId)
      return found(
        await profiles.setDeletion(userId, (profile) => {
          refuseDeleted(profile)
          return { at: now(), by: 'SELF' }
        }),
      )
    },
    async restore(userId) {
      await profiles.ensure(userId)
      return found(
        await profiles.setDeletion(userId, (profile) => {
          refuseUnlessOwn(profile, now())
          return null
        }),
      )
    },
  }
}

function refuseUnlessOwn({ deletedAt, deletedBy }: Profile, now: Date): void {
  if (deletedAt === null) return
  if (deletedBy === 'SELF' && now.getTime() - deletedAt.getTime() < RESTORABLE_MS) return
  throw new AppError('AUTHZ_FORBIDDEN', { message: 'You can not restore this profile any more: contact support.' })
}

/** Null is somebody who was erased this moment. */
function found(profile: Profile | null): Profile {
  if (profile === null) throw new AppError('RES_NOT_FOUND')
  return profile
}

/** Throws RES_ALREADY_DELETED. */
export function refuseDeleted({ deletedAt }: Profile): void {
  if (deletedAt !== null)
    throw new AppError('RES_ALREADY_DELETED', { message: 'This profile is deleted: restore it first.' })
}
