/** What a person shows of themselves. */
export interface Profile {
  readonly userId: string
  readonly displayName: string | null
  readonly bio: string | null
  readonly avatarUrl: string | null
  /** IANA time zone. */
  readonly timezone: string
  /** BCP 47 language tag, canonical. */
  readonly locale: string
  readonly updatedAt: Date
}

/** What to change; null empties a part, what is left out stays. */
export interface ProfileChanges {
  readonly displayName?: string | null | undefined
  readonly bio?: string | null | undefined
  readonly avatarUrl?: string | null | undefined
  readonly timezone?: string | undefined
  readonly locale?: string | undefined
}

export interface Profiles {
  /** Those among these ids that have one, in any order. */
  findMany(userIds: readonly string[]): Promise<readonly Profile[]>
  /** The person's profile; an empty one is made when there is none. */
  ensure(userId: string): Promise<Profile>
  /** Changes the person's profile, which is made when there is none. */
  change(userId: string, changes: ProfileChanges): Promise<Profile>
}
