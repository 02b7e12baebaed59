import type { Privacy, PrivacyChanges } from './privacy.js'

/** What a person says of themselves; nothing measures it. */
export type PersonStatus = 'ONLINE' | 'AWAY' | 'BUSY' | 'OFFLINE'

/** Who deleted a person: they themselves may take it back for a while, an administrator's deletion only administrators. */
export type DeletedBy = 'SELF' | 'ADMINISTRATOR'

/** A person with all that is theirs; `people.ts` says what of it a viewer gets to see. */
export interface Profile {
  readonly userId: string
  readonly displayName: string | null
  readonly bio: string | null
  readonly avatarUrl: string | null
  readonly status: PersonStatus | null
  /** E.164. */
  readonly phone: string | null
  /** ISO 8601 date, e.g. `1815-12-10`. */
  readonly dateOfBirth: string | null
  /** IANA time zone. */
  readonly timezone: string
  /** BCP 47 language tag, canonical. */
  readonly locale: string
  readonly privacy: Privacy
  /** Raised by every change of the profile or its privacy. */
  readonly version: number
  readonly updatedAt: Date
  /** Since when nobody sees this person; null where others do. */
  readonly deletedAt: Date | null
  readonly deletedBy: DeletedBy | null
}

/** What to change; null empties a part, what is left out stays. */
export interface ProfileChanges {
  readonly displayName?: string | null | undefined
  readonly bio?: string | null | undefined
  readonly avatarUrl?: string | null | undefined
  readonly status?: PersonStatus | null | undefined
  readonly phone?: string | null | undefined
  readonly dateOfBirth?: string | null | undefined
  readonly timezone?: string | undefined
  readonly locale?: string | undefined
  readonly privacy?: PrivacyChanges | undefined
}

export interface Deletion {
  readonly at: Date
  readonly by: DeletedBy
}

export interface Profiles {
  /** Those among these ids that have one, in any order. */
  findMany(userIds: readonly string[]): Promise<readonly Profile[]>
  /** The person's profile; an empty one is made when there is none. */
  ensure(userId: string): Promise<Profile>
  /**
   * Changes the person's profile, which is made when there is none. Null when it is deleted, or when a version is given that it no
   * longer has; then nothing is changed.
   */
  change(userId: string, changes: ProfileChanges, version?: number): Promise<Profile | null>
  /** Deletes the person, or takes it back. `decide` has the say, on the profile as no other change can alter it meanwhile; what it throws is thrown on. Null when there is no such person. */
  setDeletion(userId: string, decide: (profile: Profile) => Deletion | null): Promise<Profile | null>
}
