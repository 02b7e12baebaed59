import { z } from 'zod'
import { nameText, storableText } from '../../../platform/graphql/text-input.js'
import type { UserFilter, UserSortKey } from '../domain/find-people.js'
import type { Role } from '../generated/resolvers.js'

/** A name to look for. */
export const searchText = nameText({ min: 2, max: 100 })

const roles: Readonly<Record<Role, string>> = {
  GUEST: 'guest',
  USER: 'user',
  ADMIN: 'admin',
  SUPERADMIN: 'superadmin',
  SERVICE: 'service',
}

const role = z.enum(['GUEST', 'USER', 'ADMIN', 'SUPERADMIN', 'SERVICE']).transform((name) => roles[name])

export const userFilter: z.ZodType<UserFilter> = z.object({
  search: optional(searchText),
  role: optional(role),
  verified: optional(z.boolean()),
  mfaEnabled: optional(z.boolean()),
  createdAfter: optional(z.date()),
  createdBefore: optional(z.date()),
  deleted: z
    .boolean()
    .nullish()
    .transform((value) => value ?? false),
})

/** GraphQL lets null through where a field is optional: here it says the same as leaving the field out. */
function optional<T>(schema: z.ZodType<T>) {
  return schema.nullish().transform((value) => value ?? undefined)
}

const id = z.uuid()
const instantMs = z.int().min(0).max(253_402_300_799_999) // Postgres and JavaScript both write years of four digits

/** Cursors: of contact lists and blocks, newest first; of a search, best fit first. */
export const newestCursor = z.tuple([instantMs, id])
export const rankedCursor = z.tuple([z.number().min(0).max(1), id])

/** The cursor of a sorted list names what it is sorted by, so that it is of no use for another order. */
export function sortedCursor(sortBy: UserSortKey) {
  return z.tuple([z.literal(sortBy), sortBy === 'NAME' ? storableText({ max: 200 }) : instantMs, id])
}
