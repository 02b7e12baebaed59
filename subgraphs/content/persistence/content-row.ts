import { z } from 'zod'
import type { Content } from '../domain/content.js'
import { Prisma } from '../generated/prisma/client.js'

/** What a raw statement selects of `contents`, named as the domain names it. */
export const contentColumns = Prisma.sql`id, author_id AS "authorId", title, body, type::text, status::text, tags, version,
  published_at AS "publishedAt", created_at AS "createdAt", updated_at AS "updatedAt"`

/** A row of `contentColumns`: the edge where what raw SQL gives becomes typed. */
export const contentRow = z.object({
  id: z.string(),
  authorId: z.string(),
  title: z.string(),
  body: z.string(),
  type: z.enum(['ARTICLE', 'PAGE', 'POST', 'PRODUCT']),
  status: z.enum(['DRAFT', 'REVIEW', 'PUBLISHED', 'ARCHIVED']),
  tags: z.array(z.string()),
  version: z.number(),
  publishedAt: z.date().nullable(),
  createdAt: z.date(),
  updatedAt: z.date(),
}) satisfies z.ZodType<Content>
