import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { strFromU8, unzipSync } from 'fflate'
import pg from 'pg'
import { z } from 'zod'
import type { ExportLine } from '../../platform/personal-data/export-lines.js'
import { dataExportAccessed } from '../../schema/contracts/data-export-accessed.js'
import { openUserService } from '../../subgraphs/user/service.js'
import { exportRequests, sealAnswer, sendParts } from '../support/export-answers.js'
import { codes } from '../support/start-people.js'
import { startSubgraph, type StartedSubgraph } from '../support/start-subgraph.js'
import { until } from '../support/until.js'
import { userConfig } from '../support/user-config.js'

const ASK_AGAIN_MS = 60_000
const MOST_MS = 60_000
const others = ['auth', 'biometric', 'content', 'ai'] as const
const REQUEST = 'mutation { requestDataExport { id state } }'
const READ = 'query ($id: ID!) { dataExport(id: $id) { state bytes expiresAt } }'
const LINK = 'mutation ($id: ID!) { createDataExportLink(id: $id) { url } }'

let aheadMs = 0
let subgraph: StartedSubgraph
let database: pg.Pool

beforeAll(async () => {
  const privacy = { ...userConfig.privacy, downloadUrl: '/exports/', askAgainMs: ASK_AGAIN_MS, sweepEveryMs: 20 }
  subgraph = await startSubgraph({
    open: (engines) => openUserService({ ...userConfig, privacy }, engines, () => new Date(Date.now() + aheadMs)),
  })
  database = new pg.Pool({ connectionString: subgraph.engines.databaseUrl, max: 1 })
}, MOST_MS)
afterAll(async () => {
  await database?.end()
  await subgraph?.close()
})

const started = z.object({ requestDataExport: z.object({ id: z.string() }) })
const shown = z.object({ dataExport: z.object({ state: z.string(), bytes: z.number().nullable() }) })
const linked = z.object({ createDataExportLink: z.object({ url: z.string() }) })

/** Somebody whose export has been asked for, and the services been asked. */
async function begin() {
  const userId = crypto.randomUUID()
  const ask = async (query: string, variables = {}) => {
    const authenticatedAt = new Date(Date.now() + aheadMs)
    return subgraph.ask(query, variables, await subgraph.issuer.token({ userId, authenticatedAt }))
  }
  const { id } = started.parse((await ask(REQUEST)).data).requestDataExport
  const asked = () => exportRequests(subgraph.engines.bus, id)
  await until(async () => (await asked()).length > 0, MOST_MS)
  const [request] = await asked()
  if (request === undefined) throw new Error('Nobody was asked.')
  const read = async () => shown.parse((await ask(READ, { id })).data).dataExport
  return {
    ...{ id, userId, ask, asked, read },
    seal: (service: string, lines: Iterable<ExportLine>) => sealAnswer(request, service, lines),
    async answer(services: readonly string[], text = 'theirs') {
      for (const service of services)
        await sendParts(subgraph.engines.bus, await sealAnswer(request, service, [...note(text)]))
    },
    async ready(mostMs = MOST_MS) {
      const state = 'SELECT 1 FROM "user".data_exports WHERE id = $1 AND state = \'READY\''
      await until(async () => (await database.query(state, [id])).rowCount === 1, mostMs)
      expect(await read()).toMatchObject({ state: 'READY' })
    },
    async link() {
      return linked.parse((await ask(LINK, { id })).data).createDataExportLink.url
    },
  }
}

function* note(text: string): Generator<ExportLine> {
  yield { section: 'notes', columns: ['text'] }
  yield { row: { text } }
}

const download = (path: string) => fetch(`http://127.0.0.1:${subgraph.port}${path}`)

async function filesAt(path: string): Promise<Record<string, Uint8Array>> {
  const response = await download(path)
  expect(response.status).toBe(200)
  const bytes = new Uint8Array(await response.arrayBuffer())
  expect(response.headers.get('content-length')).toBe(String(bytes.byteLength))
  return unzipSync(bytes)
}

const textOf = (files: Record<string, Uint8Array>, service: string): unknown =>
  z
    .array(z.object({ text: z.string() }))
    .parse(JSON.parse(strFromU8(files[`${service}/notes.json`] ?? new Uint8Array())))[0]?.text

describe('gathering', () => {
  it('asks again whoever did not answer, and takes the first answer that is whole', async () => {
    const { id, answer, seal, asked, ready, link } = await begin()
    await answer(['auth', 'biometric'])
    const [lost, ...parts] = await seal('content', note('x'.repeat(600_000)))
    await sendParts(subgraph.engines.bus, parts) // the first never comes
    aheadMs += ASK_AGAIN_MS + 1_000
    await until(async () => (await asked()).length === 2, MOST_MS)
    const again = (await asked())[1]?.services
    expect(again).toEqual(expect.arrayContaining(['ai', 'content']))
    expect(again).not.toEqual(expect.arrayContaining(['auth']))
    await answer(['content'], 'first')
    await answer(['content'], 'second')
    if (lost !== undefined) await sendParts(subgraph.engines.bus, [lost])
    await answer(['ai'])
    await ready()
    expect(textOf(await filesAt(await link()), 'content')).toBe('first')
    const left = await database.query('SELECT 1 FROM "user".data_export_parts WHERE export_id = $1', [id])
    expect(left.rowCount).toBe(0)
  })

  it.each([
    [
      'was changed',
      (sealed: string) => sealed.slice(0, -30) + (sealed.at(-30) === 'A' ? 'B' : 'A') + sealed.slice(-29),
    ],
    ['is no JWE that can be opened', () => 'eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA'],
  ])('throws away an answer that %s, and asks its service again', async (_what, spoil) => {
    const { id, answer, seal, asked, ready, read, link } = await begin()
    const parts = await seal('content', note('spoilt'))
    await sendParts(
      subgraph.engines.bus,
      parts.map((part) => ({ ...part, sealed: spoil(part.sealed) })),
    )
    await answer(['auth', 'biometric', 'ai'])
    const isThrownAway = async () =>
      (
        await database.query<{ services: string[] }>(
          `SELECT array_agg(DISTINCT service ORDER BY service) AS services FROM "user".data_export_parts
           WHERE export_id = $1`,
          [id],
        )
      ).rows[0]?.services?.join() === 'ai,auth,biometric,user'
    await until(isThrownAway, MOST_MS)
    expect((await read()).state).toBe('GATHERING')
    const before = (await asked()).length
    aheadMs += ASK_AGAIN_MS + 1_000
    await until(async () => (await asked()).length > before, MOST_MS)
    expect((await asked()).at(-1)?.services).toEqual(['content'])
    await answer(['content'], 'whole')
    await ready()
    expect(textOf(await filesAt(await link()), 'content')).toBe('whole')
  })

  it('takes no part for another, nor one of somebody else’s export', async () => {
    const ada = await begin()
    const bob = await begin()
    const [first, second] = await ada.seal('content', note('y'.repeat(300_000)))
    const [bobs] = await bob.seal('content', note('of bob'))
    if (!first || !second || !bobs) throw new Error('There are parts.')
    await sendParts(subgraph.engines.bus, [
      { ...second, number: 1, total: null },
      { ...first, number: 2, total: 2 },
    ])
    await sendParts(subgraph.engines.bus, [{ ...first, exportId: bob.id, number: 1, total: 1 }])
    for (const { answer } of [ada, bob]) await answer(['auth', 'biometric', 'ai'])
    const partsOf = async (id: string) =>
      (
        await database.query(`SELECT 1 FROM "user".data_export_parts WHERE export_id = $1 AND service = 'content'`, [
          id,
        ])
      ).rowCount
    await until(async () => (await partsOf(ada.id)) === 0 && (await partsOf(bob.id)) === 0, MOST_MS)
    await ada.answer(['content'], 'of ada')
    await sendParts(subgraph.engines.bus, [bobs])
    await ada.ready()
    await bob.ready()
    expect(textOf(await filesAt(await ada.link()), 'content')).toBe('of ada')
    expect(textOf(await filesAt(await bob.link()), 'content')).toBe('of bob')
  })

  it('fails at once where a service has more than it can give, and leaves nothing', async () => {
    const { id, answer, seal, read, ask } = await begin()
    await answer(['auth', 'biometric', 'ai'])
    await sendParts(subgraph.engines.bus, await seal('content', [{ refusal: 'TOO_MUCH' }]))
    await until(async () => (await read()).state === 'FAILED', MOST_MS)
    const { rows } = await database.query<{ parts: number; keys: number }>(
      `SELECT (SELECT count(*)::int FROM "user".data_export_parts WHERE export_id = $1) AS parts,
              (SELECT count(sealed_private_key)::int FROM "user".data_exports WHERE id = $1) AS keys`,
      [id],
    )
    expect(rows).toEqual([{ parts: 0, keys: 0 }])
    expect(codes(await ask(LINK, { id }))).toEqual(['RES_NOT_FOUND'])
  })

  it('takes more than thirty-two mebibytes, of which it never keeps more than a piece', async () => {
    const { id, answer, seal, ready, link } = await begin()
    const texts = Array.from({ length: 360 }, (_, at) => `${at} ${randomBytes(6_000).toString('hex').repeat(8)}`)
    function* much(): Generator<ExportLine> {
      yield { section: 'notes', columns: ['text'] }
      for (const text of texts) yield { row: { text } }
    }
    const parts = await seal('content', much())
    expect(parts.length).toBeGreaterThan(128)
    await answer(['auth', 'biometric', 'ai'])
    await sendParts(subgraph.engines.bus, parts)
    await ready(4 * MOST_MS)
    const { rows } = await database.query<{ pieces: number; largest: number }>(
      `SELECT count(*)::int AS pieces, max(octet_length(sealed)) AS largest FROM "user".data_export_pieces
       WHERE export_id = $1`,
      [id],
    )
    expect(rows[0]?.pieces).toBeGreaterThan(1)
    expect(rows[0]?.largest).toBeLessThan(1024 * 1024 + 1024)
    const files = await filesAt(await link())
    const given: unknown = JSON.parse(strFromU8(files['content/notes.json'] ?? new Uint8Array()))
    expect(texts.map((text) => ({ text }))).toEqual(given)
    expect(strFromU8(files['content/notes.csv'] ?? new Uint8Array()).split('\r\n')).toHaveLength(texts.length + 2)
  }, 300_000)
})

describe('a link', () => {
  it('is no longer good once there is another, was used, or its quarter of an hour is over', async () => {
    const { answer, ready, link } = await begin()
    await answer(others)
    await ready()
    const [first, second] = [await link(), await link()]
    expect((await download(first)).status).toBe(404)
    await filesAt(second)
    expect((await download(second)).status).toBe(404)
    const third = await link()
    aheadMs += 15 * 60_000
    expect((await download(third)).status).toBe(404)
    await filesAt(await link())
  })

  it('and the archive end after a day: nothing of it stays', async () => {
    const { id, answer, ready, read, link, ask } = await begin()
    await answer(others)
    await ready()
    const old = await link()
    aheadMs += 24 * 3_600_000
    await until(async () => (await read()).state === 'EXPIRED', MOST_MS)
    expect((await download(old)).status).toBe(404)
    expect(codes(await ask(LINK, { id }))).toEqual(['RES_NOT_FOUND'])
    const pieces = await database.query('SELECT 1 FROM "user".data_export_pieces WHERE export_id = $1', [id])
    expect(pieces.rowCount).toBe(0)
  })

  it('gives nothing of an archive that was changed where it lies', async () => {
    const { id, answer, ready, link } = await begin()
    await answer(others)
    await ready()
    const change = `UPDATE "user".data_export_pieces SET sealed = set_byte(sealed, octet_length(sealed) - 20,
      get_byte(sealed, octet_length(sealed) - 20) # 1) WHERE export_id = $1`
    await database.query(change, [id])
    const refused = await download(await link())
    expect(refused.status).toBe(500)
    expect(await refused.text()).not.toMatch(/seal|envelope|key|piece/i)
    await database.query(change, [id])
    await filesAt(await link())
  })

  it('is written down by the security log, and so is who used it: nobody knows', async () => {
    const { id, userId, answer, ready, link } = await begin()
    await answer(others)
    await ready()
    await filesAt(await link())
    const told = async () => {
      const follower = await subgraph.engines.bus.follow(dataExportAccessed.filter, 'all')
      const acts: string[] = []
      let left = follower.backlog
      if (left === 0) return acts
      for await (const { envelope } of follower) {
        const data = dataExportAccessed.data.parse(envelope.data)
        if (data.exportId === id) acts.push(`${data.act} ${data.userId === userId}`)
        left -= 1
        if (left === 0) break
      }
      await follower.close()
      return acts
    }
    await until(async () => (await told()).length === 2, MOST_MS)
    expect(await told()).toEqual(['link-created true', 'downloaded true'])
  })
})
