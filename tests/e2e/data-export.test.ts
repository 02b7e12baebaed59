import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { strFromU8, unzipSync } from 'fflate'
import { z } from 'zod'
import {
  CreateContentDocument,
  CreateDataExportLinkDocument,
  DataExportDocument,
  DataExportProgressDocument,
  EraseMyAccountDocument,
  RequestDataExportDocument,
} from '../../clients/generated/documents.js'
import { createEmptyDatabase, type TestDatabase } from '../support/create-test-database.js'
import { findTraces } from '../support/personal-traces.js'
import { newcomer, settle, tracesOf, type SignedIn } from '../support/privacy-people.js'
import { startSupergraph, type Supergraph } from '../support/start-supergraph.js'
import { until } from '../support/until.js'

const FORMULA = '=HYPERLINK("http://evil.example")'
/** Six of them are more than one part. */
const LONG = 'é'.repeat(49_000)
const rows = z.array(z.record(z.string(), z.unknown()))
const entries = z.array(z.object({ action: z.string() }))
const manifest = z.object({
  userId: z.string(),
  contents: z.array(z.object({ service: z.string(), section: z.string(), rows: z.number() })),
})

let database: TestDatabase
let house: Supergraph
let ada: SignedIn
let bob: SignedIn
let id: string

beforeAll(async () => {
  database = await createEmptyDatabase()
  house = await startSupergraph({ DATABASE_URL: database.url, AUTH_PASSKEY_ORIGINS: 'https://app.example.com' })
  ada = await newcomer(house.url)
  bob = await newcomer(house.url)
  await settle(ada)
  await settle(bob)
  for (let time = 1; time <= 6; time += 1) {
    await ada.client.request(CreateContentDocument, { input: { title: FORMULA, body: LONG } })
  }
}, 180_000)
afterAll(async () => {
  await ada?.client.close()
  await bob?.client.close()
  await house?.close()
  await database?.drop()
}, 60_000)

async function linkFor(person: SignedIn, exportId: string): Promise<string> {
  return (await person.client.request(CreateDataExportLinkDocument, { id: exportId })).createDataExportLink.url
}

describe('a copy of one’s data', () => {
  let files: Record<string, Uint8Array>
  let used: string
  const read = (file: string) => strFromU8(files[file] ?? new Uint8Array())

  it('is asked for once at a time, told step by step, and ready in the end', async () => {
    id = (await ada.client.request(RequestDataExportDocument, {})).requestDataExport.id
    await expect(ada.client.request(RequestDataExportDocument, {})).rejects.toThrow('is under way')
    const steps = []
    for await (const { dataExportProgress } of ada.client.subscribe(DataExportProgressDocument, { id })) {
      steps.push(dataExportProgress)
    }
    expect(steps.at(0)).toMatchObject({ state: 'GATHERING', percent: 5 })
    expect(steps.at(-1)).toMatchObject({ state: 'READY', percent: 100 })
    expect(steps).toHaveLength(7)
  }, 60_000)

  it('is nobody else’s to see or to get', async () => {
    expect((await bob.client.request(DataExportDocument, { id })).dataExport).toBeNull()
    await expect(linkFor(bob, id)).rejects.toThrow('no archive of yours')
  })

  it('is downloaded once, also where twenty try together', async () => {
    used = await linkFor(ada, id)
    expect(new URL(used).port).toBe(new URL(house.url).port) // the gateway's: nothing else has to be reached
    const refused = await fetch(used, { method: 'HEAD' })
    expect(refused.status).toBe(405)
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(used)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(404)])
    const [answer] = answers.filter(({ status }) => status === 200)
    expect(answer?.headers.get('content-disposition')).toBe('attachment; filename="personal-data.zip"')
    expect(answer?.headers.get('cache-control')).toBe('no-store')
    files = unzipSync(new Uint8Array((await answer?.arrayBuffer()) ?? new ArrayBuffer(0)))
    expect((await fetch(used)).status).toBe(404)
  })

  it('holds what each service has of them', () => {
    const { userId, contents } = manifest.parse(JSON.parse(read('manifest.json')))
    expect(userId).toBe(ada.userId)
    expect(new Set(contents.map(({ service }) => service))).toEqual(
      new Set(['auth', 'user', 'biometric', 'content', 'ai']),
    )
    for (const { service, section, rows: count } of contents) {
      expect(rows.parse(JSON.parse(read(`${service}/${section}.json`)))).toHaveLength(count)
    }
    expect(JSON.parse(read('auth/account.json'))).toMatchObject([{ id: ada.userId, email: ada.email }])
    expect(JSON.parse(read('user/profile.json'))).toMatchObject([{ display_name: ada.name }])
    expect(JSON.parse(read('biometric/biometric-records.json'))).toMatchObject([{ type: 'FACE' }])
    expect(JSON.parse(read('ai/ai-requests.json'))).toMatchObject([{ prompt: `Who is ${ada.name}?` }])
    const written = rows.parse(JSON.parse(read('content/contents.json')))
    expect(written).toHaveLength(8)
    expect(written[2]).toMatchObject({ title: FORMULA, body: LONG })
    expect(read('auth/security-log.json')).toContain('session.opened')
  })

  it('has tables that a spreadsheet takes for text', () => {
    expect(read('content/contents.csv')).toContain(`"'=HYPERLINK(""http://evil.example"")"`)
  })

  it('has nothing of anybody else, no template, hash or secret', () => {
    const all = Object.values(files)
      .map((bytes) => strFromU8(bytes))
      .join('\n')
    for (const word of tracesOf(bob)) expect(all).not.toContain(word)
    expect(all).not.toMatch(/\$argon2|sealed_|fingerprint|embedding|"template"/)
  })

  it('is nowhere in the clear: not on the bus, in a log or in a table', async () => {
    const written = await house.written()
    expect(written).toContain('events.user.export-part')
    expect(written).toMatch(/"total":3,"number":3,/)
    expect(written).not.toContain(ada.email)
    expect(written).not.toContain('é'.repeat(100))
    expect(written).not.toContain(used.split('/').at(-1))
    expect(await findTraces(database.url, ['HYPERLINK'])).toEqual(['content.contents'])
  })

  it('is given three times a day', async () => {
    const noted = async () => findTraces(database.url, ['data.export-downloaded'])
    await until(async () => (await noted()).includes('auth.audit_entries'), 30_000) // the last copy is to tell of the first
    for (let time = 2; time <= 3; time += 1) {
      const { requestDataExport } = await ada.client.request(RequestDataExportDocument, {})
      const state = async () =>
        (await ada.client.request(DataExportDocument, { id: requestDataExport.id })).dataExport?.state
      await until(async () => (await state()) === 'READY', 30_000)
      id = requestDataExport.id
    }
    await expect(ada.client.request(RequestDataExportDocument, {})).rejects.toThrow('3 exports within a day')
  }, 90_000)

  it('tells who made and used links to the copies before it, in the security log', async () => {
    const archive = unzipSync(new Uint8Array(await (await fetch(await linkFor(ada, id))).arrayBuffer()))
    const log = entries.parse(JSON.parse(strFromU8(archive['auth/security-log.json'] ?? new Uint8Array())))
    const of = (action: string) => log.filter((entry) => entry.action === action)
    expect(of('data.export-requested')).not.toHaveLength(0)
    expect(of('data.export-link-created')).toHaveLength(1)
    expect(of('data.export-downloaded')).toHaveLength(1)
  })

  it('goes with the account', async () => {
    const link = await linkFor(ada, id)
    await ada.client.request(EraseMyAccountDocument, {})
    await until(async () => (await findTraces(database.url, tracesOf(ada))).length === 0, 30_000)
    expect((await fetch(link)).status).toBe(404)
  }, 60_000)
})
