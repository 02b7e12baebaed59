import { decodeCursor, pageSize, toConnection, type Connection } from '../../../platform/graphql/connection.js'
import { parseInput } from '../../../platform/graphql/parse-input.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { FoundPerson, ListedUser, UserSortKey } from '../domain/find-people.js'
import type { People, Person } from '../domain/people.js'
import type { QueryResolvers } from '../generated/resolvers.js'
import { rankedCursor, searchText, sortedCursor, userFilter } from './directory-inputs.js'

export const directoryQueries = {
  async searchUsers(_parent, args, context) {
    const size = pageSize(args.first)
    const text = parseInput(searchText, args.search, 'search')
    const { userId: viewerId } = requirePrincipal(context)
    const after = placeInSearch(args.after)
    await context.searches.claim(viewerId)
    const found = await context.directory.search({ text, viewerId, after, limit: size + 1 })
    return shown(
      toConnection(found, size, ({ rank, userId }) => [rank, userId]),
      context.people,
    )
  },
  async users(_parent, args, context) {
    const size = pageSize(args.first)
    const filter = parseInput(userFilter, args.filter ?? {}, 'filter')
    const sortBy = args.sortBy ?? 'CREATED_AT'
    const descending = args.sortOrder !== 'ASC'
    const after = placeInList(args.after, sortBy)
    const listed = await context.directory.list({ filter, sortBy, descending, after, limit: size + 1 })
    return shown(
      toConnection(listed, size, ({ key, userId }) => [sortBy, key, userId]),
      context.people,
    )
  },
} satisfies QueryResolvers

function placeInSearch(cursor: string | null | undefined): FoundPerson | null {
  if (cursor === null || cursor === undefined) return null
  const [rank, userId] = decodeCursor(cursor, rankedCursor)
  return { rank, userId }
}

function placeInList(cursor: string | null | undefined, sortBy: UserSortKey): ListedUser | null {
  if (cursor === null || cursor === undefined) return null
  const [, key, userId] = decodeCursor(cursor, sortedCursor(sortBy))
  return { key, userId }
}

/** The people of a page as this viewer sees them; whoever has gone since the page was read is left out. */
async function shown(connection: Connection<{ readonly userId: string }>, people: People): Promise<Connection<Person>> {
  const found = await Promise.all(connection.edges.map(({ node }) => people.find(node.userId)))
  const edges = connection.edges.flatMap(({ cursor }, n) => {
    const node = found[n]
    return node ? [{ cursor, node }] : []
  })
  return { ...connection, edges }
}
