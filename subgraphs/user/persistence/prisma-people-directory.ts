/**
 * Finding people in Postgres, by trigrams of their folded names (pg_trgm) and by key. In: what to look for, and after whom. Out:
 * ids with their places. It refuses to judge what of a person is shown.
 */
import { z } from 'zod'
import type {
  FoundPerson,
  ListedUser,
  PeopleDirectory,
  PeopleSearch,
  UserFilter,
  UserListing,
  UserSortKey,
} from '../domain/find-people.js'
import { Prisma } from '../generated/prisma/client.js'
import type { UserPrisma, UserTransaction } from './user-prisma.js'

/**
 * How much of what is typed a name must have, from 0 to 1 (pg_trgm's word similarity). The highest that loses next to nobody of
 * those whom 0.2 finds: measured on 10,000 names, see docs/people.md.
 */
const LEAST_SIMILARITY = 0.3

const foundRows: z.ZodType<readonly FoundPerson[]> = z.array(z.object({ userId: z.string(), rank: z.number() }))
const listedRows: z.ZodType<readonly ListedUser[]> = z.array(
  z.object({ userId: z.string(), key: z.union([z.string(), z.date().transform((at) => at.getTime())]) }),
)

const plans = z.array(z.object({ 'QUERY PLAN': z.string() }).transform((line) => line['QUERY PLAN']))

export interface PrismaPeopleDirectory extends PeopleDirectory {
  /** How Postgres goes about a search, in its own words. */
  explain(search: PeopleSearch): Promise<string>
}

export function createPrismaPeopleDirectory(prisma: UserPrisma): PrismaPeopleDirectory {
  /**
   * The operator `<%` takes its threshold from a setting; it is this module's, and holds for one transaction. The planner takes
   * comparing trigrams to be as cheap as comparing numbers, and would rather read every row, one way or another, than the index of
   * trigrams, which takes a quarter of the time.
   */
  const bySimilarity = <T>(work: (transaction: UserTransaction) => Promise<T>): Promise<T> =>
    prisma.$transaction(async (transaction) => {
      await transaction.$executeRaw`
        SELECT set_config('pg_trgm.word_similarity_threshold', ${String(LEAST_SIMILARITY)}, true),
               set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true)`
      return work(transaction)
    })
  return {
    search: (search) =>
      bySimilarity(async (transaction) => foundRows.parse(await transaction.$queryRaw(searchStatement(search)))),
    explain: (search) =>
      bySimilarity(async (transaction) =>
        plans.parse(await transaction.$queryRaw(Prisma.sql`EXPLAIN ${searchStatement(search)}`)).join('\n'),
      ),
    async list(listing) {
      const statement = listStatement(listing)
      const read = async (from: UserPrisma | UserTransaction) => listedRows.parse(await from.$queryRaw(statement))
      return listing.filter.search === undefined ? read(prisma) : bySimilarity(read)
    },
  }
}

/** Who fits is settled first, by itself: beside other conditions the planner would take another index than that of trigrams. */
function searchStatement({ text, viewerId, after, limit }: PeopleSearch): Prisma.Sql {
  // float8 holds every float4 exactly, and JSON every float8: a rank compares equal to itself after a trip to the client
  const beyond =
    after === null
      ? Prisma.empty
      : Prisma.sql`WHERE rank < ${after.rank}::float8 OR (rank = ${after.rank}::float8 AND user_id > ${after.userId}::uuid)`
  return Prisma.sql`
    WITH fitting AS MATERIALIZED (
      SELECT user_id, deleted_at, searchable, word_similarity(fold_name(${text}), search_name)::float8 AS rank
      FROM profiles WHERE fold_name(${text}) <% search_name
    )
    SELECT user_id AS "userId", rank FROM (
      SELECT user_id, rank FROM fitting p
      WHERE deleted_at IS NULL AND searchable AND user_id <> ${viewerId}::uuid
        AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = p.user_id AND b.blocked_id = ${viewerId}::uuid)
        AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = ${viewerId}::uuid AND b.blocked_id = p.user_id)
    ) found ${beyond} ORDER BY rank DESC, user_id LIMIT ${limit}`
}

const sortColumns: Readonly<Record<UserSortKey, Prisma.Sql>> = {
  CREATED_AT: Prisma.sql`created_at`,
  UPDATED_AT: Prisma.sql`updated_at`,
  NAME: Prisma.sql`search_name`,
}

function listStatement({ filter, sortBy, descending, after, limit }: UserListing): Prisma.Sql {
  const column = sortColumns[sortBy]
  const direction = descending ? Prisma.sql`DESC` : Prisma.sql`ASC`
  const conditions = [...filterConditions(filter)]
  if (after !== null) {
    const key =
      typeof after.key === 'number' ? Prisma.sql`${new Date(after.key)}::timestamptz` : Prisma.sql`${after.key}`
    const beyond = descending ? Prisma.sql`<` : Prisma.sql`>`
    conditions.push(Prisma.sql`(${column}, user_id) ${beyond} (${key}, ${after.userId}::uuid)`)
  }
  return Prisma.sql`
    SELECT user_id AS "userId", ${column} AS key FROM profiles WHERE ${Prisma.join(conditions, ' AND ')}
    ORDER BY ${column} ${direction}, user_id ${direction} LIMIT ${limit}`
}

function filterConditions(filter: UserFilter): readonly Prisma.Sql[] {
  const { search, role, verified, mfaEnabled, createdAfter, createdBefore, deleted } = filter
  const given = [
    search === undefined ? null : Prisma.sql`fold_name(${search}) <% search_name`,
    role === undefined ? null : Prisma.sql`role = ${role}`,
    verified === undefined ? null : Prisma.sql`email_verified = ${verified}`,
    mfaEnabled === undefined ? null : Prisma.sql`mfa_enabled = ${mfaEnabled}`,
    createdAfter === undefined ? null : Prisma.sql`created_at > ${createdAfter}::timestamptz`,
    createdBefore === undefined ? null : Prisma.sql`created_at < ${createdBefore}::timestamptz`,
    deleted ? Prisma.sql`deleted_at IS NOT NULL` : Prisma.sql`deleted_at IS NULL`,
  ]
  return given.filter((condition) => condition !== null)
}
