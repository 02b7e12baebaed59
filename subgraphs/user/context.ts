import DataLoader from 'dataloader'
import { isEntityId } from '../../platform/graphql/entity-id.js'
import type { SubgraphContext } from '../../platform/graphql/subgraph-context.js'
import type { Activities, Activity } from './domain/activity.js'
import { createPeople, type People } from './domain/people.js'
import type { Profile, Profiles } from './domain/profile.js'

export interface UserLoaders {
  readonly activity: DataLoader<string, Activity | null>
  readonly publishedContentCount: DataLoader<string, number>
}

export interface UserContext extends SubgraphContext {
  /** People as the one who asks sees them. */
  readonly people: People
  readonly profiles: Profiles
  readonly loaders: UserLoaders
}

/** Completes the context of one request. */
export function createUserContext(base: SubgraphContext, profiles: Profiles, activities: Activities): UserContext {
  const profile = new DataLoader<string, Profile | null>(async (ids) =>
    inOrder(ids, await profiles.findMany(ids.filter(isEntityId))),
  )
  const people = createPeople(base.principal?.userId ?? null, {
    find: (userId) => profile.load(userId),
    ensure: (userId) => profiles.ensure(userId),
  })
  return {
    ...base,
    people,
    profiles,
    loaders: {
      activity: new DataLoader(async (ids) => inOrder(ids, await activities.findMany(ids))),
      publishedContentCount: new DataLoader(async (ids) =>
        inOrder(ids, await activities.countPublishedContent(ids)).map((row) => row?.count ?? 0),
      ),
    },
  }
}

function inOrder<Row extends { readonly userId: string }>(
  ids: readonly string[],
  rows: readonly Row[],
): (Row | null)[] {
  const byId = new Map(rows.map((row) => [row.userId, row]))
  return ids.map((id) => byId.get(id) ?? null)
}
