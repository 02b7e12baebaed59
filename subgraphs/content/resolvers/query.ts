import { decodeCursor, encodeCursor, pageSize } from '../../../platform/graphql/connection.js'
import { parseInput } from '../../../platform/graphql/parse-input.js'
import type { ContentPosition, ListedContent } from '../domain/content-library.js'
import type { QueryResolvers } from '../generated/resolvers.js'
import { contentFilter, newestCursor, rankedCursor } from './inputs.js'

export const query: QueryResolvers = {
  content: (_parent, { id }, context) => context.contentById.load(id),
  async contents(_parent, args, context) {
    const size = pageSize(args.first)
    const filter = parseInput(contentFilter, args.filter ?? {}, 'filter')
    const after = positionOf(args.after, filter.search !== undefined)
    const found = await context.library.list({ filter, after, limit: size + 1 })
    const edges = found.slice(0, size).map((listed) => ({ cursor: cursorOf(listed), node: listed.content }))
    return { edges, pageInfo: { hasNextPage: found.length > size, endCursor: edges.at(-1)?.cursor ?? null } }
  },
}

function cursorOf({ content, rank }: ListedContent): string {
  const newest = [content.createdAt.getTime(), content.id]
  return encodeCursor(rank === null ? newest : [rank, ...newest])
}

function positionOf(cursor: string | null | undefined, isRanked: boolean): ContentPosition | null {
  if (cursor === null || cursor === undefined) return null
  if (isRanked) {
    const [rank, createdAtMs, id] = decodeCursor(cursor, rankedCursor)
    return { rank, createdAt: new Date(createdAtMs), id }
  }
  const [createdAtMs, id] = decodeCursor(cursor, newestCursor)
  return { rank: null, createdAt: new Date(createdAtMs), id }
}
