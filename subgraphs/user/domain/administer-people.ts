/**
 * What administrators do to people's profiles. In: who, to whom. Out: the profile after it. It refuses what auth's administration
 * refuses of accounts: acting on somebody above, and hiding or restoring oneself.
 */
import { AppError } from '../../../platform/errors/app-error.js'
import { mayGrant, roleOf, type Role } from '../../../platform/identity/roles.js'
import { refuseDeleted } from './edit-people.js'
import type { DeletedBy, Deletion, Profile, ProfileChanges } from './profile.js'

/** Somebody with the permission, by their token. */
export interface Administrator {
  readonly userId: string
  readonly roles: readonly string[]
}

/** One person, whom nobody else changes meanwhile. Each act is told as `profile.administered`. */
export interface AdministeredPerson {
  readonly profile: Profile
  /** As auth told last, which a token may be minutes behind; null until it has. */
  readonly role: Role | null
  /** The administrator's, likewise. */
  readonly ownRole: Role | null
  change(changes: ProfileChanges): Promise<Profile>
  setDeletion(deletion: Deletion | null): Promise<Profile>
}

export interface PeopleAdministration {
  /** Runs `work` in a transaction that is committed when it resolves. Null when there is no such person. */
  withPerson(
    userId: string,
    administratorId: string,
    at: Date,
    work: (person: AdministeredPerson) => Promise<Profile>,
  ): Promise<Profile | null>
}

const BY: DeletedBy = 'ADMINISTRATOR'

/** All throw AUTHZ_FORBIDDEN where the person is not the administrator's to act on, and RES_NOT_FOUND. */
export function createAdministerPeople(administration: PeopleAdministration, now: () => Date) {
  const on = async (
    by: Administrator,
    userId: string,
    work: (person: AdministeredPerson) => Promise<Profile>,
  ): Promise<Profile> => {
    const done = await administration.withPerson(userId, by.userId, now(), (person) => {
      if (userId !== by.userId) refuseAbove(by, person)
      return work(person)
    })
    if (done === null) throw new AppError('RES_NOT_FOUND')
    return done
  }
  return {
    /** Throws RES_CONFLICT where `version` is given and no longer the profile's, RES_ALREADY_DELETED. */
    change: (by: Administrator, userId: string, changes: ProfileChanges, version?: number) =>
      on(by, userId, async ({ profile, change }) => {
        refuseDeleted(profile)
        if (version !== undefined && version !== profile.version) throw new AppError('RES_CONFLICT')
        return change(changes)
      }),
    /** Hides a person from everybody, also one who has hidden themselves. Throws RES_ALREADY_DELETED. */
    async delete(by: Administrator, userId: string) {
      refuseSelf(by, userId)
      return on(by, userId, async ({ profile, setDeletion }) => {
        if (profile.deletedBy === BY) refuseDeleted(profile)
        return setDeletion({ at: now(), by: BY })
      })
    },
    /** Takes a deletion back, whoever's it was. A person who is not deleted stays as they are. */
    async restore(by: Administrator, userId: string) {
      refuseSelf(by, userId)
      return on(by, userId, async ({ profile, setDeletion }) =>
        profile.deletedAt === null ? profile : setDeletion(null),
      )
    },
  }
}

export type AdministerPeople = ReturnType<typeof createAdministerPeople>

function refuseSelf(by: Administrator, userId: string): void {
  if (by.userId === userId)
    throw new AppError('AUTHZ_FORBIDDEN', { message: 'You can not do this to your own account.' })
}

/** By the role in the token and the one auth told of since: the lesser holds. */
function refuseAbove(by: Administrator, { role, ownRole }: AdministeredPerson): void {
  const own = [...by.roles.map(roleOf), ...(ownRole === null ? [] : [ownRole])]
  const isAbove = (other: Role) => own.length === 0 || own.some((one) => one === null || !mayGrant(one, other))
  if (!isAbove(role ?? 'superadmin')) return
  const message =
    role === null
      ? 'What this person may do is not known here yet: try again in a moment.'
      : `The role ${role} is above yours.`
  throw new AppError('AUTHZ_FORBIDDEN', { message })
}
