import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import type { PersonalDataPlan } from '../../platform/personal-data/personal-data-plan.js'
import { personalData as ai } from '../../subgraphs/ai/persistence/personal-data.js'
import { personalData as auth } from '../../subgraphs/auth/persistence/personal-data.js'
import { personalData as biometric } from '../../subgraphs/biometric/persistence/personal-data.js'
import { personalData as content } from '../../subgraphs/content/persistence/personal-data.js'
import { personalData as user } from '../../subgraphs/user/persistence/personal-data.js'
import { createTestDatabase, type TestDatabase } from '../support/create-test-database.js'

/* Whoever adds a table says what becomes of it when a person is erased: in their service's persistence/personal-data.ts. */

const plans: [string, PersonalDataPlan][] = Object.entries({ ai, auth, biometric, content, user })
let database: TestDatabase
let client: pg.Client

beforeAll(async () => {
  database = await createTestDatabase()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
}, 120_000)
afterAll(async () => {
  await client?.end()
  await database?.drop()
})

async function names(sql: string, ...values: unknown[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(sql, values)
  return rows.map(({ name }) => name)
}

const tablesOf = (schema: string) =>
  names(`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1 ORDER BY 1`, schema)

/** Tables whose rows go with rows of this one. */
const childrenOf = (schema: string, table: string) =>
  names(
    `SELECT DISTINCT child.relname AS name FROM pg_constraint
     JOIN pg_class child ON child.oid = conrelid JOIN pg_class parent ON parent.oid = confrelid
     JOIN pg_namespace ON pg_namespace.oid = parent.relnamespace
     WHERE contype = 'f' AND confdeltype = 'c' AND nspname = $1 AND parent.relname = $2`,
    schema,
    table,
  )

async function withChildren(schema: string, tables: readonly string[]): Promise<ReadonlySet<string>> {
  const reached = new Set(tables)
  for (const table of reached) for (const child of await childrenOf(schema, table)) reached.add(child)
  return reached
}

const deletedBy = (plan: PersonalDataPlan) =>
  Object.entries(plan).flatMap(([table, rule]) => ('delete' in rule ? [[table, rule.delete] as const] : []))

describe.each(plans)('the personal data of %s', (schema, plan) => {
  it('is planned for table by table: each is emptied, hangs on one that is, or says why it is kept', async () => {
    const kept = Object.entries(plan).flatMap(([table, rule]) => ('keep' in rule ? [table] : []))
    const erased = await withChildren(
      schema,
      deletedBy(plan).map(([table]) => table),
    )
    const keptWithChildren = await withChildren(schema, kept)
    const unplanned = (await tablesOf(schema)).filter((table) => !erased.has(table) && !keptWithChildren.has(table))
    expect(unplanned).toEqual([])
  })

  it('plans for no table that is not there', async () => {
    const tables = await tablesOf(schema)
    expect(Object.keys(plan).filter((table) => !tables.includes(table))).toEqual([])
  })

  it('can’t come back: a trigger on each table watches the very columns it is emptied by', async () => {
    const watched = await names(
      `SELECT c.relname || ' ' || replace(encode(tgargs, 'escape'), '\\000', ' ') AS name
       FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_proc p ON p.oid = tgfoid WHERE n.nspname = $1 AND p.proname = 'refuse_erased_person' AND tgenabled = 'O'`,
      schema,
    )
    const planned = deletedBy(plan).map(([table, columns]) => [table, ...columns].join(' '))
    expect(planned.length).toBeGreaterThan(0)
    expect(watched.map((name) => name.trim())).toEqual(expect.arrayContaining(planned))
  })
})

describe('the trigger that keeps the erased away', () => {
  it('is word for word the same in every service: each has a copy in its migrations', async () => {
    const functions = await client.query<{ schema: string; source: string; language: string }>(
      `SELECT nspname AS schema, prosrc AS source, lanname AS language FROM pg_proc
       JOIN pg_namespace ON pg_namespace.oid = pronamespace JOIN pg_language ON pg_language.oid = prolang
       WHERE proname = 'refuse_erased_person' ORDER BY nspname`,
    )
    expect(functions.rows.map(({ schema }) => schema)).toEqual(plans.map(([schema]) => schema).sort())
    expect(new Set(functions.rows.map(({ source, language }) => `${language} ${source}`)).size).toBe(1)
  })
})
