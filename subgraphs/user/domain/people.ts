import type { Profile } from './profile.js'

/** A person as one viewer meets them. */
export interface Person {
  readonly id: string
  readonly profile: Profile
  /** Whether the viewer is this person, and may see what is private. */
  readonly isViewer: boolean
}

export interface ProfileSource {
  find(userId: string): Promise<Profile | null>
  ensure(userId: string): Promise<Profile>
}

export interface People {
  /**
   * The person with this id, null when there is none. Whoever asks for themselves exists, also before the news of their
   * registration has arrived here.
   */
  find(id: string): Promise<Person | null>
  /** The viewer; null when nobody is signed in. */
  viewer(): Promise<Person | null>
}

/** People as `viewerId` sees them. */
export function createPeople(viewerId: string | null, profiles: ProfileSource): People {
  const find = async (id: string): Promise<Person | null> => {
    const isViewer = id === viewerId
    const profile = (await profiles.find(id)) ?? (isViewer ? await profiles.ensure(viewerId) : null)
    return profile && { id: profile.userId, profile, isViewer }
  }
  return { find, viewer: async () => (viewerId === null ? null : find(viewerId)) }
}
