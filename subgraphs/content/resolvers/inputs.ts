import { z } from 'zod'
import { isEntityId } from '../../../platform/graphql/entity-id.js'
import { lineText, longText } from '../../../platform/graphql/text-input.js'

const title = lineText({ min: 1, max: 500 })
const body = longText({ max: 100_000 })
const tags = z
  .array(lineText({ min: 1, max: 50 }))
  .max(20)
  .transform((list) => [...new Set(list)])
const type = z.enum(['ARTICLE', 'PAGE', 'POST', 'PRODUCT'])
const status = z.enum(['DRAFT', 'REVIEW', 'PUBLISHED', 'ARCHIVED'])

/** GraphQL lets null through where a field is optional: here it says the same as leaving the field out. */
function optional<T>(schema: z.ZodType<T>) {
  return schema.nullish().transform((value) => value ?? undefined)
}

export const createContentInput = z.object({
  title,
  body,
  type: type.nullish().transform((value) => value ?? 'ARTICLE'),
  tags: tags.nullish().transform((value) => value ?? []),
})

export const updateContentInput = z
  .object({
    id: z.string(),
    version: z.int().positive(),
    title: optional(title),
    body: optional(body),
    tags: optional(tags),
  })
  .refine((input) => input.title !== undefined || input.body !== undefined || input.tags !== undefined, {
    message: 'names nothing to change: give a title, a body or tags',
  })

const noAuthor = '00000000-0000-0000-0000-000000000000'

export const contentFilter = z.object({
  search: optional(lineText({ max: 200 })).transform((value) => (value === '' ? undefined : value)),
  // a malformed id is answered like that of somebody who wrote nothing
  authorId: optional(z.string().transform((id) => (isEntityId(id) ? id : noAuthor))),
  type: optional(type),
  status: optional(status),
  tags: optional(tags),
})

const id = z.uuid()
const instantMs = z.int().min(0).max(253_402_300_799_999) // Postgres and JavaScript both write years of four digits

/** Cursors of the two lists: newest first, and best match first. */
export const newestCursor = z.tuple([instantMs, id])
export const rankedCursor = z.tuple([z.number().min(0), instantMs, id])
