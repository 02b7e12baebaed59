import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import type { ExportPlan } from '../../platform/personal-data/export-plan.js'
import { exportPlan as ai } from '../../subgraphs/ai/persistence/export-plan.js'
import { exportPlan as auth } from '../../subgraphs/auth/persistence/export-plan.js'
import { exportPlan as biometric } from '../../subgraphs/biometric/persistence/export-plan.js'
import { exportPlan as content } from '../../subgraphs/content/persistence/export-plan.js'
import { exportPlan as user } from '../../subgraphs/user/persistence/export-plan.js'
import { createTestDatabase, type TestDatabase } from '../support/create-test-database.js'

/* Whoever adds a table or a column says whether people are given a copy of it: in their service's persistence/export-plan.ts. */

const plans: [string, ExportPlan][] = Object.entries({ ai, auth, biometric, content, user })
const UNSPEAKABLE = /hash|secret|sealed|_token$|fingerprint|template|digest|sketch|_key$|^score$|threshold/
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

async function columnsOf(schema: string): Promise<Record<string, string[]>> {
  const { rows } = await client.query<{ table: string; columns: string[] }>(
    `SELECT table_name AS table, array_agg(column_name::text) AS columns FROM information_schema.columns
     WHERE table_schema = $1 GROUP BY 1`,
    [schema],
  )
  return Object.fromEntries(rows.map(({ table, columns }) => [table, columns.sort()]))
}

describe.each(plans)('what people are given of %s', (schema, plan) => {
  it('is said of every table there is, and of none that is not', async () => {
    expect(Object.keys(plan).sort()).toEqual(Object.keys(await columnsOf(schema)).sort())
  })

  it('is said of every column of a table that is given: it is in it, or has a reason not to be', async () => {
    const columns = await columnsOf(schema)
    for (const [table, rule] of Object.entries(plan)) {
      if (!('section' in rule)) continue
      expect([table, ...[...rule.give, ...Object.keys(rule.withhold ?? {})].sort()]).toEqual([
        table,
        ...(columns[table] ?? []),
      ])
    }
  })

  it('is no secret, nor what recognises one', () => {
    const given = Object.values(plan).flatMap((rule) => ('section' in rule ? rule.give : []))
    expect(given.length).toBeGreaterThan(0)
    expect(given.filter((column) => UNSPEAKABLE.test(column))).toEqual([])
  })
})
