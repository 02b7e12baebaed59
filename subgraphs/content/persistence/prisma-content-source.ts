import { z } from 'zod'
import type { ContentListing, ContentSource, ListedContent } from '../domain/content-library.js'
import { Prisma } from '../generated/prisma/client.js'
import type { ContentPrisma } from './content-prisma.js'
import { contentColumns, contentRow } from './content-row.js'

/** Reads content from Postgres: one statement a call, whatever is asked for. */
export function createPrismaContentSource(prisma: ContentPrisma): ContentSource {
  return {
    findByIds: (ids) =>
      prisma.content.findMany({ where: { id: { in: [...ids] }, deletedAt: null }, omit: { deletedAt: true } }),
    async list(listing) {
      return listedRows.parse(await prisma.$queryRaw(listStatement(listing)))
    },
  }
}

const listedRows: z.ZodType<readonly ListedContent[]> = z.array(
  contentRow.extend({ rank: z.number().nullable() }).transform(({ rank, ...content }) => ({ content, rank })),
)

function listStatement({ readerId, filter, after, limit }: ContentListing): Prisma.Sql {
  const { search } = filter
  // float8 holds every float4 exactly, and JSON every float8: a rank compares equal to itself after a trip to the client
  const rank =
    search === undefined
      ? Prisma.sql`NULL::float8`
      : Prisma.sql`ts_rank(search, websearch_to_tsquery('english', ${search}))::float8`
  const key =
    search === undefined ? Prisma.sql`created_at DESC, id DESC` : Prisma.sql`rank DESC, created_at DESC, id DESC`
  return Prisma.sql`
    SELECT * FROM (SELECT ${contentColumns}, created_at, ${rank} AS rank FROM contents WHERE ${conditions(readerId, filter)}) found
    ${after === null ? Prisma.empty : Prisma.sql`WHERE ${beyond(after)}`}
    ORDER BY ${key} LIMIT ${limit}`
}

function conditions(readerId: string | null, filter: ContentListing['filter']): Prisma.Sql {
  const { search, authorId, type, status, tags = [] } = filter
  const published = Prisma.sql`status = 'PUBLISHED'`
  const all = [
    Prisma.sql`deleted_at IS NULL`,
    readerId === null ? published : Prisma.sql`(${published} OR author_id = ${readerId}::uuid)`,
    ...(search === undefined ? [] : [Prisma.sql`search @@ websearch_to_tsquery('english', ${search})`]),
    ...(authorId === undefined ? [] : [Prisma.sql`author_id = ${authorId}::uuid`]),
    ...(type === undefined ? [] : [Prisma.sql`type = ${type}::content_type`]),
    ...(status === undefined ? [] : [Prisma.sql`status = ${status}::content_status`]),
    ...(tags.length === 0 ? [] : [Prisma.sql`tags @> ${[...tags]}::text[]`]),
  ]
  return Prisma.join(all, ' AND ')
}

function beyond({ rank, createdAt, id }: NonNullable<ContentListing['after']>): Prisma.Sql {
  return rank === null
    ? Prisma.sql`(created_at, id) < (${createdAt}::timestamptz, ${id}::uuid)`
    : Prisma.sql`(rank, created_at, id) < (${rank}::float8, ${createdAt}::timestamptz, ${id}::uuid)`
}
