import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openDatabase, type Database } from '../../platform/database/open-database.js'
import { createLogger } from '../../platform/log/logger.js'
import { readExport } from '../../platform/personal-data/export-plan.js'
import { exportPlan } from '../../subgraphs/user/persistence/export-plan.js'
import { erasePerson } from '../../subgraphs/user/persistence/person-data.js'
import { createUserPrisma, type UserPrisma } from '../../subgraphs/user/persistence/user-prisma.js'
import { createTestDatabase, type TestDatabase } from '../support/create-test-database.js'

const ada = crypto.randomUUID()
const bob = crypto.randomUUID()
const eve = crypto.randomUUID()
const at = new Date('2026-03-01T10:00:00.000Z')

/** Tables of nobody in particular: events on their way, whose lives are short, and which of them were handled. */
const impersonal = ['outbox_events', 'inbox_events', '_prisma_migrations']
/** Of consents, erasures and exports, whose own tests (`user-privacy`, `personal-data-plans`, `export-plans`) see to them. */
const elsewhere = [
  'consent_changes',
  'erasures',
  'erasure_acknowledgements',
  'erased_people',
  'data_exports',
  'data_export_parts',
  'data_export_pieces',
]

let testDatabase: TestDatabase
let database: Database
let prisma: UserPrisma

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  const logger = createLogger({ service: 'tests', level: 'silent' })
  database = await openDatabase({ url: testDatabase.url, schema: 'user', maxConnections: 4, logger })
  prisma = createUserPrisma(database)
})

afterAll(async () => {
  await prisma.$disconnect()
  await database.close()
  await testDatabase.drop()
})

async function tables(): Promise<readonly string[]> {
  const { rows } = await database.pool.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'user' AND table_type = 'BASE TABLE'`,
  )
  return rows.map(({ name }) => name).filter((name) => !impersonal.includes(name) && !elsewhere.includes(name))
}

/** The tables with a row in which any column says this id. */
async function tablesThatName(userId: string): Promise<readonly string[]> {
  const naming: string[] = []
  for (const table of await tables()) {
    const { rowCount } = await database.pool.query(
      `SELECT 1 FROM "user"."${table}" AS t WHERE to_jsonb(t)::text LIKE '%' || $1 || '%' LIMIT 1`,
      [userId],
    )
    if (rowCount === 1) naming.push(table)
  }
  return naming.sort()
}

/** What is given out of a person, by section. */
async function exported(userId: string) {
  const sections: Record<string, Record<string, unknown>[]> = {}
  let rows: Record<string, unknown>[] = []
  await prisma.$transaction(async (transaction) => {
    for await (const line of readExport(transaction, exportPlan, userId)) {
      if ('row' in line) rows.push(line.row)
      else if ('section' in line) sections[line.section] = rows = []
    }
  })
  return sections
}

async function live(userId: string, name: string): Promise<void> {
  const [createdAt, updatedAt] = [at, at]
  await prisma.profile.create({
    data: {
      userId,
      displayName: name,
      phone: '+493012345678',
      dateOfBirth: new Date('1990-12-10'),
      createdAt,
      updatedAt,
    },
  })
  await prisma.preferences.create({ data: { userId, document: { form: 1, theme: 'DARK' }, updatedAt } })
  await prisma.activity.create({ data: { userId, lastVerifiedAt: at, completedAiRequestCount: 2 } })
  await prisma.contentState.create({
    data: { contentId: crypto.randomUUID(), authorId: userId, published: true, occurredAt: at },
  })
}

describe('what is kept of a person', () => {
  beforeAll(async () => {
    await live(ada, 'Ada Lovelace')
    await live(bob, 'Bob')
    await prisma.contact.createMany({
      data: [
        { ownerId: ada, contactId: bob, nickname: 'Bobby', createdAt: at },
        { ownerId: bob, contactId: ada, nickname: 'Countess', createdAt: at },
        { ownerId: bob, contactId: eve, nickname: null, createdAt: at },
      ],
    })
    await prisma.block.createMany({
      data: [
        { blockerId: ada, blockedId: eve, createdAt: at },
        { blockerId: eve, blockedId: ada, createdAt: at },
        { blockerId: eve, blockedId: bob, createdAt: at },
      ],
    })
  })

  it('is in every table of the service: a new table is to be erased, exported, and added here', async () => {
    expect(await tablesThatName(ada)).toEqual([...(await tables())].sort())
  })

  it('is exported in sections, without what others keep about them', async () => {
    const sections = await exported(ada)

    expect(sections).toMatchObject({
      profile: [
        {
          user_id: ada,
          display_name: 'Ada Lovelace',
          phone: '+493012345678',
          date_of_birth: '1990-12-10',
          created_at: '2026-03-01T10:00:00+00:00',
        },
      ],
      preferences: [{ document: { form: 1, theme: 'DARK' }, version: 1 }],
      contacts: [{ contact_id: bob, nickname: 'Bobby', created_at: '2026-03-01T10:00:00+00:00' }],
      blocked: [{ blocked_id: eve }],
      activity: [{ last_verified_at: '2026-03-01T10:00:00+00:00', completed_ai_request_count: 2 }],
    })
    expect(JSON.stringify(sections)).not.toContain('Countess')
  })

  it('is gone from every table once it is erased, also the second time, and nothing of anybody else is', async () => {
    const before = await exported(bob)

    await prisma.$transaction((transaction) => erasePerson(transaction, ada))
    await prisma.$transaction((transaction) => erasePerson(transaction, ada))

    expect(await tablesThatName(ada)).toEqual([])
    const after = await exported(bob)
    expect(after).toEqual({
      ...before,
      contacts: before['contacts']?.filter(({ contact_id: contactId }) => contactId !== ada),
    })
    expect(await prisma.block.count()).toBe(1)
  })

  it('is nothing where nobody is', async () => {
    const nobody = await exported(crypto.randomUUID())

    expect(Object.values(nobody).flat()).toEqual([])
  })
})
