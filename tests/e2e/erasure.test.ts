import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import pg from 'pg'
import {
  CreateContentDocument,
  EraseMyAccountDocument,
  EraseUserDocument,
  ErasureDocument,
  ErasureProgressDocument,
  GenerateWithAiDocument,
  LoginDocument,
  MeDocument,
} from '../../clients/generated/documents.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { createEmptyDatabase, type TestDatabase } from '../support/create-test-database.js'
import { findTraces } from '../support/personal-traces.js'
import { newcomer, PASSWORD, settle, signIn, strangerAt, tracesOf, type SignedIn } from '../support/privacy-people.js'
import { startSupergraph, type Supergraph } from '../support/start-supergraph.js'
import { until } from '../support/until.js'

let database: TestDatabase
let house: Supergraph

beforeAll(async () => {
  database = await createEmptyDatabase()
  house = await startSupergraph({ DATABASE_URL: database.url, AUTH_PASSKEY_ORIGINS: 'https://app.example.com' })
}, 120_000)
afterAll(async () => {
  await house?.close()
  await database?.drop()
}, 60_000)

/** Follows an erasure with its receipt alone, to its end. */
async function follow(id: string, receipt: string) {
  const steps = []
  const stranger = strangerAt(house.url)
  for await (const { erasureProgress } of stranger.subscribe(ErasureProgressDocument, { id, receipt })) {
    steps.push(erasureProgress)
  }
  await stranger.close()
  return steps
}

describe('erasing one’s account', () => {
  let ada: SignedIn
  let steps: Awaited<ReturnType<typeof follow>>
  let receipt: { readonly id: string; readonly receipt: string }

  beforeAll(async () => {
    ada = await newcomer(house.url)
    await settle(ada)
    expect(await findTraces(database.url, [ada.userId])).toContain('auth.passkey_challenges')
    const inEveryService = await findTraces(database.url, tracesOf(ada))
    expect(new Set(inEveryService.map((table) => table.split('.')[0]))).toEqual(
      new Set(['auth', 'user', 'content', 'ai', 'biometric']),
    )
    const { eraseMyAccount } = await ada.client.request(EraseMyAccountDocument, {})
    receipt = { id: eraseMyAccount.erasure.id, receipt: eraseMyAccount.receipt }
    steps = await follow(receipt.id, receipt.receipt)
    await ada.client.close()
  }, 120_000)

  it('is told step by step, to whoever has the receipt, until everything is gone', () => {
    expect(steps.map(({ state }) => state)).toEqual([...Array(6).fill('ERASING'), 'COMPLETED'])
    const percents = steps.map(({ percent }) => percent)
    expect(percents).toEqual([...percents].sort((a, b) => a - b))
    expect(percents.at(-1)).toBe(100)
  })

  it('leaves nothing in any column of any table but a pseudonym', async () => {
    await until(async () => (await findTraces(database.url, tracesOf(ada))).length === 0, 15_000)
  })

  it('ends with an answer that its receipt still gives, and no other', async () => {
    const { erasure } = await strangerAt(house.url).request(ErasureDocument, receipt)
    expect(erasure).toMatchObject({ id: receipt.id, state: 'COMPLETED', percent: 100 })
    expect(erasure?.erasedFrom.map(({ service }) => service).sort()).toEqual([
      'ai',
      'auth',
      'biometric',
      'content',
      'user',
    ])
    expect(erasure?.erasedFrom.at(-1)?.service).toBe('auth')
    const guessed = await strangerAt(house.url).request(ErasureDocument, { ...receipt, receipt: 'guessed' })
    expect(guessed.erasure).toBeNull()
  })

  it('takes the account: its password opens nothing', async () => {
    const again = strangerAt(house.url).request(LoginDocument, { input: { email: ada.email, password: PASSWORD } })
    await expect(again).rejects.toThrow('The e-mail address or the password is not right.')
  })

  it('frees the address for somebody new', async () => {
    const other = await newcomer(house.url, ada.email)
    expect(other.userId).not.toBe(ada.userId)
    expect(await findTraces(database.url, [ada.userId])).toEqual([])
  })

  it('lets nothing be written by an access token that has outlived its owner', async () => {
    const writing = [
      ada.client.request(CreateContentDocument, { input: { title: 'Ghost', body: 'Boo.' } }),
      ada.client.request(GenerateWithAiDocument, { input: { prompt: 'Boo?' } }),
      ada.client.request(EraseMyAccountDocument, {}),
      ada.client.request(MeDocument, {}),
    ]
    await Promise.allSettled(writing)
    expect(await findTraces(database.url, [ada.userId])).toEqual([])
  })

  it('leaves the audit log whole', async () => {
    const { stdout } = await promisify(execFile)('npx', ['tsx', 'scripts/audit/main.ts'], {
      cwd: projectRoot,
      env: { ...process.env, DATABASE_URL: database.url },
    })
    expect(stdout).toMatch(/^The audit log is whole/)
  })
})

describe('erasing somebody else', () => {
  it('is an administrator’s right, over nobody above them, and runs like one’s own', async () => {
    const [admin, bob] = [await newcomer(house.url), await newcomer(house.url)]
    const order = { userId: bob.userId, reason: 'asked in a letter' }
    await expect(admin.client.request(EraseUserDocument, order)).rejects.toThrow()
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    await client.query("UPDATE auth.accounts SET role = 'admin' WHERE id = $1", [admin.userId])
    const { client: asAdmin } = await signIn(house.url, admin.email, admin.name)

    await client.query("UPDATE auth.accounts SET role = 'superadmin' WHERE id = $1", [bob.userId])
    await expect(asAdmin.request(EraseUserDocument, order)).rejects.toThrow('above yours')
    await client.query("UPDATE auth.accounts SET role = 'user' WHERE id = $1", [bob.userId])
    await client.end()

    const { eraseUser } = await asAdmin.request(EraseUserDocument, order)
    const read = async () =>
      (await strangerAt(house.url).request(ErasureDocument, { id: eraseUser.erasureId, receipt: eraseUser.receipt }))
        .erasure?.state
    await until(async () => (await read()) === 'COMPLETED', 30_000)
    await until(async () => (await findTraces(database.url, tracesOf(bob))).length === 0, 15_000)
  }, 60_000)
})
