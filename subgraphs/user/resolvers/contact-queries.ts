import { decodeCursor, pageSize, toConnection } from '../../../platform/graphql/connection.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { Page } from '../domain/contacts.js'
import type { QueryResolvers } from '../generated/resolvers.js'
import { newestCursor } from './directory-inputs.js'

export const contactQueries = {
  async contacts(_parent, args, context) {
    const { size, page } = pageOf(args)
    const rows = await context.contactsOf(requirePrincipal(context).userId).list(page)
    const connection = toConnection(rows, size, ({ createdAt, contactId }) => [createdAt.getTime(), contactId])
    const people = await Promise.all(connection.edges.map(({ node }) => context.people.find(node.contactId)))
    const edges = connection.edges.flatMap(({ cursor, node: contact }, n) => {
      const person = people[n]
      return person ? [{ cursor, node: { contact, person } }] : [] // gone since the list was read
    })
    return { ...connection, edges }
  },
  async blockedUsers(_parent, args, context) {
    const { size, page } = pageOf(args)
    const rows = await context.contactsOf(requirePrincipal(context).userId).blocked(page)
    return toConnection(rows, size, ({ createdAt, blockedId }) => [createdAt.getTime(), blockedId])
  },
} satisfies QueryResolvers

function pageOf(args: { first?: number | null; after?: string | null }): { size: number; page: Page } {
  const size = pageSize(args.first)
  const limit = size + 1
  if (args.after === null || args.after === undefined) return { size, page: { after: null, limit } }
  const [createdAtMs, id] = decodeCursor(args.after, newestCursor)
  return { size, page: { after: { createdAt: new Date(createdAtMs), id }, limit } }
}
