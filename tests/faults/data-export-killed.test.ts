import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { unzipSync } from 'fflate'
import pg from 'pg'
import {
  CreateDataExportLinkDocument,
  DataExportDocument,
  RequestDataExportDocument,
} from '../../clients/generated/documents.js'
import { createEmptyDatabase, type TestDatabase } from '../support/create-test-database.js'
import { describeWithEngines } from '../support/engines.js'
import { openKillableHouses, type KillableHouses } from '../support/killable-houses.js'
import { newcomer, signIn, type SignedIn } from '../support/privacy-people.js'
import { until } from '../support/until.js'

const MOST_MS = 120_000 // a redelivery takes ten seconds, a busy machine longer for everything

await describeWithEngines(['nats-server', 'redis-server'], 'copies of data whose makers are killed', () => {
  let database: TestDatabase
  let houses: KillableHouses
  let client: pg.Client

  beforeAll(async () => {
    database = await createEmptyDatabase()
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
    houses = await openKillableHouses(database.url)
  }, MOST_MS)
  afterAll(async () => {
    await houses?.close()
    await client?.end()
    await database?.drop()
  }, MOST_MS)

  /** A transaction of somebody else's, which what follows has to wait for. */
  async function hold(sql: string, ...values: unknown[]): Promise<() => Promise<void>> {
    const holder = new pg.Client({ connectionString: database.url })
    await holder.connect()
    await holder.query('BEGIN')
    await holder.query(sql, values)
    return () => holder.end()
  }

  it(
    'are gathered and packed to their end by those that start after them',
    async () => {
      const first = await houses.start()
      const [ada, bob] = [await newcomer(first.url), await newcomer(first.url)]
      const releaseAda = await hold(
        `SELECT pg_advisory_xact_lock(hashtextextended('erasure of ' || $1::text, hashtext('ai')))`,
        ada.userId,
      ) // ai has to wait before it answers for her
      const releaseBob = await hold('LOCK TABLE "user".data_export_pieces IN SHARE MODE') // no archive can be put down
      const request = async (person: SignedIn) =>
        (await person.client.request(RequestDataExportDocument, {})).requestDataExport.id
      const [adas, bobs] = [await request(ada), await request(bob)]
      const count = async (sql: string) => (await client.query(sql)).rowCount ?? 0
      await until(
        async () =>
          (await count(`SELECT DISTINCT service FROM "user".data_export_parts WHERE export_id = '${adas}'`)) === 4 &&
          (await count(
            `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = '"user".data_export_pieces'::regclass`,
          )) > 0,
        MOST_MS,
      )
      await first.kill()
      await releaseAda()
      await releaseBob()

      const second = await houses.start()
      for (const [before, id] of [[ada, adas] as const, [bob, bobs] as const]) {
        await before.client.close()
        const person = await signIn(second.url, before.email, before.name)
        const state = async () => (await person.client.request(DataExportDocument, { id })).dataExport?.state
        await until(async () => (await state()) === 'READY', MOST_MS)
        const { createDataExportLink: link } = await person.client.request(CreateDataExportLinkDocument, { id })
        const files = unzipSync(new Uint8Array(await (await fetch(link.url)).arrayBuffer()))
        expect(Object.keys(files)).toEqual(
          expect.arrayContaining(['manifest.json', 'auth/account.json', 'ai/ai-requests.json', 'user/profile.json']),
        )
        expect(await count(`SELECT 1 FROM "user".data_export_parts WHERE export_id = '${id}'`)).toBe(0)
        await person.client.close()
      }
    },
    4 * MOST_MS,
  )
})
