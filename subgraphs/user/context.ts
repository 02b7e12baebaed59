import DataLoader from 'dataloader'
import { isEntityId } from '../../platform/graphql/entity-id.js'
import type { SubgraphContext } from '../../platform/graphql/subgraph-context.js'
import type { Activities, Activity } from './domain/activity.js'
import type { AdministerPeople } from './domain/administer-people.js'
import { createContacts, type Contacts, type ContactStore } from './domain/contacts.js'
import type { EditPeople } from './domain/edit-people.js'
import type { PeopleDirectory } from './domain/find-people.js'
import { createPeople, type People, type Standing } from './domain/people.js'
import type { PreferencesStore } from './domain/preferences.js'
import type { Profile, Profiles } from './domain/profile.js'
import type { SearchAllowance } from './domain/search-allowance.js'
import type { Privacy } from './open-privacy.js'

export interface UserLoaders {
  readonly activity: DataLoader<string, Activity | null>
  readonly publishedContentCount: DataLoader<string, number>
}

/** What is the same for every request. */
export interface UserParts {
  readonly profiles: Profiles
  readonly activities: Activities
  readonly editPeople: EditPeople
  readonly administerPeople: AdministerPeople
  readonly contactStore: ContactStore
  /** What each of these people has decided about the viewer, in any order; those with nothing decided are left out. */
  readonly standings: (
    viewerId: string,
    userIds: readonly string[],
  ) => Promise<readonly (Standing & { readonly userId: string })[]>
  readonly directory: PeopleDirectory
  readonly searches: SearchAllowance
  readonly preferences: PreferencesStore
  readonly privacy: Privacy
  readonly now: () => Date
}

export interface UserContext
  extends
    SubgraphContext,
    Pick<UserParts, 'editPeople' | 'administerPeople' | 'directory' | 'searches' | 'preferences' | 'privacy' | 'now'> {
  /** People as the one who asks sees them. */
  readonly people: People
  /** The lists of one person, who is the one that asks. */
  readonly contactsOf: (ownerId: string) => Contacts
  readonly loaders: UserLoaders
}

/** Completes the context of one request. */
export function createUserContext(base: SubgraphContext, parts: UserParts): UserContext {
  const { activities, editPeople, administerPeople, directory, searches, preferences, privacy, now } = parts
  const people = createPeopleOf(base, parts)
  return {
    ...base,
    editPeople,
    administerPeople,
    directory,
    searches,
    preferences,
    privacy,
    now,
    people,
    contactsOf: (ownerId) => createContacts(ownerId, { store: parts.contactStore, people, now }),
    loaders: {
      activity: new DataLoader(async (ids) => inOrder(ids, await activities.findMany(ids))),
      publishedContentCount: new DataLoader(async (ids) =>
        inOrder(ids, await activities.countPublishedContent(ids)).map((row) => row?.count ?? 0),
      ),
    },
  }
}

function createPeopleOf({ principal }: SubgraphContext, { profiles, standings, now }: UserParts): People {
  const viewerId = principal?.userId ?? null
  const seesAll = principal?.permissions.has('admin:users') === true
  const profile = new DataLoader<string, Profile | null>(async (ids) =>
    inOrder(ids, await profiles.findMany(ids.filter(isEntityId))),
  )
  const standing = new DataLoader<string, Standing | null>(async (ids) =>
    inOrder(ids, viewerId === null ? [] : await standings(viewerId, ids.filter(isEntityId))),
  )
  return createPeople(
    { userId: viewerId, seesAll },
    {
      find: (userId) => profile.load(userId),
      ensure: (userId) => profiles.ensure(userId),
      standingWith: async (userId) => (await standing.load(userId)) ?? { isContact: false, isBlocked: false },
      now,
    },
  )
}

function inOrder<Row extends { readonly userId: string }>(
  ids: readonly string[],
  rows: readonly Row[],
): (Row | null)[] {
  const byId = new Map(rows.map((row) => [row.userId, row]))
  return ids.map((id) => byId.get(id) ?? null)
}
