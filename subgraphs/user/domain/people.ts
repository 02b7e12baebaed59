/**
 * The one place that says who sees what of whom. In: who looks, and whom they look at. Out: a person as they are shown to this
 * viewer, or null: whoever blocked the viewer, is deleted, or was never here is all the same nobody. Whatever leads to a person (a
 * query, a list, an entity another subgraph names) comes by here.
 */
import { ageOn } from './age.js'
import { belongsTo, type Privacy } from './privacy.js'
import type { PersonStatus, Profile } from './profile.js'

/** A profile with what this viewer may not see left out. */
export interface ShownProfile {
  readonly displayName: string | null
  readonly bio: string | null
  readonly avatarUrl: string | null
  readonly status: PersonStatus | null
  /** E.164. */
  readonly phone: string | null
  /** ISO 8601 date. */
  readonly dateOfBirth: string | null
  /** In full years. */
  readonly age: number | null
  readonly timezone: string | null
  readonly locale: string | null
  readonly updatedAt: Date | null
  readonly version: number | null
}

/** A person as one viewer meets them. */
export interface Person {
  readonly id: string
  readonly profile: ShownProfile
  /** Whether the viewer is this person, and may see what is private. */
  readonly isViewer: boolean
  /** Null for those from whom it is kept. */
  readonly deletion: { readonly deletedAt: Date | null } | null
  /** The viewer's own; null for others. */
  readonly privacy: Privacy | null
}

/** Who looks. */
export interface Viewer {
  /** Null when nobody is signed in. */
  readonly userId: string | null
  /** An administrator of users, from whom nobody hides. */
  readonly seesAll: boolean
}

/** What somebody has decided about the viewer. */
export interface Standing {
  readonly isContact: boolean
  readonly isBlocked: boolean
}

export interface PeopleSources {
  find(userId: string): Promise<Profile | null>
  ensure(userId: string): Promise<Profile>
  /** What the person with this id has decided about the viewer, who is signed in. */
  standingWith(userId: string): Promise<Standing>
  now(): Date
}

export interface People {
  /**
   * The person with this id, null when there is none for this viewer. Whoever asks for themselves exists, also before the news of
   * their registration has arrived here, and when they have deleted themselves.
   */
  find(id: string): Promise<Person | null>
  /** The viewer; null when nobody is signed in. */
  viewer(): Promise<Person | null>
  /** A profile that was just changed, as its owner or an administrator, who changed it, sees it. */
  changed(profile: Profile): Person
}

const stranger: Standing = { isContact: false, isBlocked: false }

/** People as `viewer` sees them. */
export function createPeople(viewer: Viewer, sources: PeopleSources): People {
  const show = (profile: Profile, standing: Standing): Person => {
    const isViewer = profile.userId === viewer.userId
    const seesAll = isViewer || viewer.seesAll
    return {
      id: profile.userId,
      profile: shownTo(profile, seesAll, standing.isContact, sources.now()),
      isViewer,
      deletion: seesAll ? { deletedAt: profile.deletedAt } : null,
      privacy: isViewer ? profile.privacy : null,
    }
  }
  const find = async (id: string): Promise<Person | null> => {
    const isViewer = id === viewer.userId
    // asked for together, so that a person who hides takes no longer to find than nobody does
    const [found, standing] = await Promise.all([
      sources.find(id),
      viewer.userId === null || isViewer ? stranger : sources.standingWith(id),
    ])
    if (isViewer) return show(found ?? (await sources.ensure(id)), stranger)
    if (found === null) return null
    const hides = standing.isBlocked || found.deletedAt !== null
    return hides && !viewer.seesAll ? null : show(found, standing)
  }
  return {
    find,
    viewer: async () => (viewer.userId === null ? null : find(viewer.userId)),
    changed: (profile) => show(profile, stranger),
  }
}

function shownTo(profile: Profile, seesAll: boolean, isContact: boolean, now: Date): ShownProfile {
  const { privacy, dateOfBirth } = profile
  const sees = (group: 'showsProfile' | 'showsStatus' | 'showsPhone' | 'showsAge'): boolean =>
    seesAll || belongsTo(privacy[group], isContact)
  const { bio, avatarUrl, timezone, locale, updatedAt } = profile
  return {
    displayName: profile.displayName,
    ...(sees('showsProfile') ? { bio, avatarUrl, timezone, locale, updatedAt } : hiddenProfile),
    status: sees('showsStatus') ? profile.status : null,
    phone: sees('showsPhone') ? profile.phone : null,
    age: sees('showsAge') && dateOfBirth !== null ? ageOn(now, dateOfBirth) : null,
    dateOfBirth: seesAll ? dateOfBirth : null,
    version: seesAll ? profile.version : null,
  }
}

const hiddenProfile = { bio: null, avatarUrl: null, timezone: null, locale: null, updatedAt: null }
