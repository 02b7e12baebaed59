import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { openDatabase, type Database } from '../../platform/database/open-database.js'
import { createLogger } from '../../platform/log/logger.js'
import type { FoundPerson, ListedUser, UserSortKey } from '../../subgraphs/user/domain/find-people.js'
import {
  createPrismaPeopleDirectory,
  type PrismaPeopleDirectory,
} from '../../subgraphs/user/persistence/prisma-people-directory.js'
import { createUserPrisma, type UserPrisma } from '../../subgraphs/user/persistence/user-prisma.js'
import { createTestDatabase, type TestDatabase } from '../support/create-test-database.js'
import { slips, thousandsOfNames } from '../support/people-names.js'

const viewerId = crypto.randomUUID()
const PAGE = 10
let testDatabase: TestDatabase
let database: Database
let prisma: UserPrisma
let directory: PrismaPeopleDirectory

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  const logger = createLogger({ service: 'tests', level: 'silent' })
  database = await openDatabase({ url: testDatabase.url, schema: 'user', maxConnections: 4, logger })
  prisma = createUserPrisma(database)
  directory = createPrismaPeopleDirectory(prisma)
})

afterAll(async () => {
  await prisma.$disconnect()
  await database.close()
  await testDatabase.drop()
})

async function store(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const ids = new Map(names.map((name) => [name, crypto.randomUUID()]))
  const at = new Date('2026-03-01T10:00:00.000Z')
  const data = [...ids].map(([displayName, userId]) => ({ userId, displayName, createdAt: at, updatedAt: at }))
  for (let from = 0; from < data.length; from += 2_000) {
    await prisma.profile.createMany({ data: data.slice(from, from + 2_000) })
  }
  return ids
}

const firstPage = (text: string) => directory.search({ text, viewerId, after: null, limit: PAGE })

describe('among 10,000 names, of which 50 share each family name and 200 each given name', () => {
  const names = thousandsOfNames()
  let ids: ReadonlyMap<string, string>

  beforeAll(async () => {
    ids = await store(names)
    await database.pool.query('ANALYZE "user".profiles')
  }, 60_000)

  /** Of each hundred, how many are on the first page when their whole name is typed with so many slips. */
  async function percentFound(slipsInEach: number): Promise<number> {
    const asked = slips(names, { people: 100, slipsInEach, seed: 20_260_301 })
    let found = 0
    for (const { name, typed } of asked) {
      const page = await firstPage(typed)
      if (page.some(({ userId }) => userId === ids.get(name))) found += 1
    }
    return (100 * found) / asked.length
  }

  it('one typed with a slip is on the first page for 99 in 100', async () => {
    expect(await percentFound(1)).toBeGreaterThanOrEqual(99)
  }, 60_000)

  it('one typed with two slips is on the first page for 95 in 100', async () => {
    expect(await percentFound(2)).toBeGreaterThanOrEqual(95)
  }, 60_000)

  it('one typed with three slips is on the first page for 85 in 100', async () => {
    expect(await percentFound(3)).toBeGreaterThanOrEqual(85)
  }, 60_000)

  it('one typed exactly comes first', async () => {
    for (const { name } of slips(names, { people: 20, slipsInEach: 0, seed: 7 })) {
      expect((await firstPage(name))[0]).toEqual({ userId: ids.get(name), rank: 1 })
    }
  })

  it('is found by the trigram index, not by reading every row', async () => {
    const text = names[4_321] ?? ''
    const written = await directory.explain({ text, viewerId, after: null, limit: PAGE })

    expect(written).toContain('Bitmap Index Scan on profiles_search_name_trgm_idx')
    expect(written).not.toContain('Seq Scan on profiles')
  })
})

/** What happens between two pages: somebody comes under a name, or one of those there goes. */
type Event = { readonly comes: string } | { readonly goes: number }

const name = fc.constantFrom('Ann', 'Anna', 'Anne', 'Hanna', 'Johanna', 'Anna Ann') // many stand equal, which is the hard part
const event: fc.Arbitrary<Event> = fc.oneof(fc.record({ comes: name }), fc.record({ goes: fc.nat(60) }))
const story = fc.record({
  names: fc.array(name, { minLength: 1, maxLength: 25 }),
  between: fc.array(fc.array(event, { maxLength: 4 }), { maxLength: 12 }),
  size: fc.integer({ min: 1, max: 6 }),
})

async function arrive(displayName: string, userId: string, n: number): Promise<void> {
  const at = new Date(Date.UTC(2026, 2, 1) + (n % 4)) // of one instant as often as not
  await prisma.profile.create({ data: { userId, displayName, createdAt: at, updatedAt: at } })
}

/** Reads page by page while people come and go. Out: who was read, and who was there from the first page to the last. */
async function readMeanwhile<Row extends { readonly userId: string }>(
  { names, between, size }: typeof story extends fc.Arbitrary<infer Story> ? Story : never,
  page: (after: Row | null, limit: number) => Promise<readonly Row[]>,
) {
  await prisma.profile.deleteMany()
  const everybody: string[] = []
  const come = async (displayName: string) => {
    const userId = crypto.randomUUID()
    await arrive(displayName, userId, everybody.length)
    everybody.push(userId)
  }
  for (const one of names) await come(one)
  const stayed = new Set(everybody)
  const read: string[] = []
  let after: Row | null = null
  for (let turn = 0; ; turn += 1) {
    const rows: readonly Row[] = await page(after, size)
    read.push(...rows.map(({ userId }) => userId))
    if (rows.length < size) return { read, stayed }
    after = rows.at(-1) ?? null
    for (const happening of between[turn] ?? []) {
      if ('comes' in happening) await come(happening.comes)
      else {
        const userId = everybody[happening.goes % everybody.length] ?? ''
        await prisma.profile.deleteMany({ where: { userId } })
        stayed.delete(userId)
      }
    }
  }
}

function expectWhole({ read, stayed }: { readonly read: readonly string[]; readonly stayed: ReadonlySet<string> }) {
  expect(new Set(read).size).toBe(read.length) // nobody twice
  expect([...stayed].filter((userId) => !read.includes(userId))).toEqual([]) // nobody missed
}

describe('pages, read while people come and go, have everybody who stayed and nobody twice', () => {
  const orders = fc.record({
    sortBy: fc.constantFrom<UserSortKey>('NAME', 'CREATED_AT', 'UPDATED_AT'),
    descending: fc.boolean(),
  })

  it('of the list', async () => {
    const property = fc.asyncProperty(story, orders, async (told, order) => {
      const page = (after: ListedUser | null, limit: number) =>
        directory.list({ ...order, filter: { deleted: false }, after, limit })
      expectWhole(await readMeanwhile(told, page))
    })
    await fc.assert(property, { numRuns: 30, seed: 1, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false })
  }, 120_000)

  it('of a search, among those who fit', async () => {
    const property = fc.asyncProperty(story, async (told) => {
      const page = (after: FoundPerson | null, limit: number) =>
        directory.search({ text: 'anna', viewerId, after, limit })
      expectWhole(await readMeanwhile(told, page))
    })
    await fc.assert(property, { numRuns: 30, seed: 2, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false })
  }, 120_000)
})
