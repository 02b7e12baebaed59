import { afterAll, beforeAll, expect, it } from '@jest/globals'
import pg from 'pg'
import { EraseMyAccountDocument, ErasureDocument } from '../../clients/generated/documents.js'
import { createEmptyDatabase, type TestDatabase } from '../support/create-test-database.js'
import { describeWithEngines } from '../support/engines.js'
import { openKillableHouses, type KillableHouses } from '../support/killable-houses.js'
import { findTraces } from '../support/personal-traces.js'
import { newcomer, settle, strangerAt, tracesOf } from '../support/privacy-people.js'
import { until } from '../support/until.js'

const MOST_MS = 120_000 // a redelivery takes ten seconds, a busy machine longer for everything

await describeWithEngines(['nats-server', 'redis-server'], 'an erasure whose processes are killed', () => {
  let database: TestDatabase
  let houses: KillableHouses

  beforeAll(async () => {
    database = await createEmptyDatabase()
    houses = await openKillableHouses(database.url)
  }, MOST_MS)
  afterAll(async () => {
    await houses?.close()
    await database?.drop()
  }, MOST_MS)

  it(
    'is carried to its end by those that start after them, and leaves nothing but a pseudonym',
    async () => {
      const first = await houses.start()
      const ada = await newcomer(first.url)
      await settle(ada)
      const holder = new pg.Client({ connectionString: database.url })
      await holder.connect()
      await holder.query('BEGIN') // as somebody who is still writing about her: ai has to wait, so auth is not asked
      await holder.query(
        `SELECT pg_advisory_xact_lock_shared(hashtextextended('erasure of ' || $1::text, hashtext('ai')))`,
        [ada.userId],
      )
      const { eraseMyAccount } = await ada.client.request(EraseMyAccountDocument, {})
      const receipt = { id: eraseMyAccount.erasure.id, receipt: eraseMyAccount.receipt }
      const read = async (url: string) => (await strangerAt(url).request(ErasureDocument, receipt)).erasure
      await until(async () => (await read(first.url))?.erasedFrom.length === 3, MOST_MS)
      expect(await findTraces(database.url, [ada.userId])).toEqual(
        expect.arrayContaining(['ai.ai_requests', 'auth.accounts', 'user.erasures']),
      )

      await first.kill()
      await holder.query('ROLLBACK')
      await holder.end()
      const second = await houses.start()
      await until(async () => (await read(second.url))?.state === 'COMPLETED', MOST_MS)
      expect((await read(second.url))?.erasedFrom.map(({ service }) => service).at(-1)).toBe('auth')
      await until(async () => (await findTraces(database.url, tracesOf(ada))).length === 0, MOST_MS)
      await ada.client.close()
    },
    4 * MOST_MS,
  )
})
