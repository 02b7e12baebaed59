import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { decodeProtectedHeader } from 'jose'
import { createEnvelopeCipher } from '../../platform/crypto/envelope.js'
import { openDatabase, type Database } from '../../platform/database/open-database.js'
import { createLogger } from '../../platform/log/logger.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { createAuthPrisma, type AuthPrisma } from '../../subgraphs/auth/persistence/auth-prisma.js'
import { createPrismaSigningKeys } from '../../subgraphs/auth/persistence/prisma-signing-keys.js'
import { openKeyRing, type KeyRing } from '../../subgraphs/auth/tokens/key-ring.js'
import { keyTimes } from '../../subgraphs/auth/tokens/key-schedule.js'
import type { SigningKey } from '../../subgraphs/auth/tokens/signing-keys.js'
import { createTestDatabase } from '../support/create-test-database.js'
import { rowsOf, startAuth, visitor, type StartedAuth } from '../support/start-auth.js'
import { createSigningKey } from '../support/test-tokens.js'
import { until } from '../support/until.js'

const DAY_MS = 86_400_000
const schedule = { ...keyTimes, rotateAfterMs: 30 * DAY_MS }
const logger = createLogger({ service: 'test', level: 'silent' })
const cipherOf = (byte: number) =>
  createEnvelopeCipher({ masterKeys: { test: new Uint8Array(32).fill(byte) }, currentKeyId: 'test' })
const kidsOf = (ring: KeyRing) => ring.publicSet.keys.map(({ kid }) => kid)

describe('the signing keys of all replicas', () => {
  let server: Awaited<ReturnType<typeof createTestDatabase>>
  let database: Database
  let prisma: AuthPrisma
  let nowMs: number

  beforeAll(async () => {
    server = await createTestDatabase()
    database = await openDatabase({ url: server.url, schema: 'auth', logger })
    prisma = createAuthPrisma(database)
  })
  afterAll(async () => {
    await prisma.$disconnect()
    await database.close()
    await server.drop()
  })
  beforeEach(async () => {
    nowMs = Date.UTC(2026, 0)
    await prisma.signingKey.deleteMany()
  })

  const storeOf = (byte = 7) => createPrismaSigningKeys(prisma, cipherOf(byte), () => undefined)
  const open = (configured: readonly SigningKey[] = [], byte = 7) =>
    openKeyRing({ store: storeOf(byte), schedule, configured, now: () => new Date(nowMs), logger })

  it('are two from the start, the same for four replicas that start at once', async () => {
    const rings = await Promise.all([open(), open(), open(), open()])
    for (const ring of rings) await ring.refresh()
    expect(new Set(rings.map((ring) => ring.current.kid)).size).toBe(1)
    expect(kidsOf(rings[0] ?? (await open()))).toHaveLength(2)
    expect(new Set(rings.map((ring) => JSON.stringify(kidsOf(ring)))).size).toBe(1)
    await Promise.all(rings.map((ring) => ring.close()))
  })

  it('begin with those of configuration, which a house with keys of its own does not look at', async () => {
    const [first, second, late] = [
      await createSigningKey('a'),
      await createSigningKey('b'),
      await createSigningKey('c'),
    ]
    const ring = await open([first, second])
    expect(ring.current.kid).toBe('a')
    expect(kidsOf(ring)).toEqual(expect.arrayContaining(['a', 'b', expect.any(String)]))
    expect(kidsOf(ring)).toHaveLength(3)
    const later = await open([late])
    expect(later.current.kid).toBe('a')
    expect(kidsOf(later)).not.toContain('c')
    await Promise.all([ring.close(), later.close()])
  })

  it('turn after thirty days, once however many replicas look, and go when nothing they signed is alive', async () => {
    const rings = await Promise.all([open(), open(), open()])
    const before = rings[0]?.current.kid
    const next = rings.flatMap(kidsOf).find((kid) => kid !== before)
    nowMs += 30 * DAY_MS
    await Promise.all(rings.map((ring) => ring.refresh()))
    await Promise.all(rings.map((ring) => ring.refresh()))
    expect(rings.map((ring) => ring.current.kid)).toEqual([next, next, next])
    expect(rings.map((ring) => kidsOf(ring).length)).toEqual([3, 3, 3])
    expect(kidsOf(rings[0] ?? (await open()))).toContain(before)
    nowMs += keyTimes.keepMs
    await Promise.all(rings.map((ring) => ring.refresh()))
    expect(rings.map((ring) => kidsOf(ring).includes(before))).toEqual([false, false, false])
    await Promise.all(rings.map((ring) => ring.close()))
  })

  it('lie sealed, and their private part is gone with their last signature', async () => {
    const key = await createSigningKey('a')
    const ring = await open([key])
    const sealed = await prisma.signingKey.findMany()
    expect(sealed.every((row) => row.sealedKey !== null)).toBe(true)
    expect(sealed.map((row) => Buffer.from(row.sealedKey ?? []).toString('latin1')).join()).not.toContain(key.d)
    nowMs += 30 * DAY_MS
    await ring.refresh()
    expect(await prisma.signingKey.findUnique({ where: { id: 'a' } })).toMatchObject({ sealedKey: null })
    await ring.close()
  })

  it('can not be opened under another master key: the service does not start, and changes nothing', async () => {
    const ring = await open()
    await expect(open([], 8)).rejects.toThrow(/AUTH_MASTER_KEYS/)
    await ring.refresh()
    expect(kidsOf(ring)).toHaveLength(2)
    await ring.close()
  })

  it('go on as they are known while the database is away', async () => {
    const store = storeOf()
    let away = false
    const list = () => (away ? Promise.reject(new Error('away')) : store.list())
    const ring = await openKeyRing({
      ...{ store: { ...store, list }, schedule, configured: [], now: () => new Date(nowMs), logger },
    })
    const { kid } = ring.current
    away = true
    nowMs += 30 * DAY_MS
    await ring.refresh()
    expect(ring.current.kid).toBe(kid)
    away = false
    await ring.refresh()
    expect(ring.current.kid).not.toBe(kid)
    await ring.close()
  })
})

describe('npm run rotate-signing-keys', () => {
  let auth: StartedAuth
  beforeAll(async () => {
    auth = await startAuth()
  })
  afterAll(() => auth.close())

  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', 'scripts/signing-keys/main.ts', ...args], {
      cwd: projectRoot,
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        DATABASE_URL: auth.engines.databaseUrl,
        AUTH_MASTER_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
      },
    })
  const published = async () => {
    const { keys } = await (await fetch(`http://127.0.0.1:${auth.port}/.well-known/jwks.json`)).json()
    return keys.map(({ kid }: { kid: string }) => kid)
  }

  it('puts the next key in force, and with --revoke takes a stolen one away and tells everybody', async () => {
    const { signIn } = await visitor(auth).newcomer()
    const old = (await signIn()).accessToken
    const stolen = decodeProtectedHeader(old).kid ?? ''

    expect((await run()).stdout).toMatch(/current[^]*next|next[^]*current/)
    await until(async () => decodeProtectedHeader((await signIn()).accessToken).kid !== stolen, 20_000)
    expect((await auth.verifier.verify(old)).userId).toBeDefined()
    expect(await published()).toContain(stolen)

    await run('--revoke', stolen)
    await until(async () => !(await published()).includes(stolen), 20_000)
    for await (const { envelope } of await auth.engines.bus.follow('events.key.revoked', 'all')) {
      expect(envelope.data).toEqual({ keyId: stolen })
      break
    }
    const [current] = (await rowsOf(auth, 'SELECT id FROM auth.signing_keys WHERE signs_from IS NOT NULL')) as {
      id: string
    }[]
    await run('--revoke', current?.id ?? '')
    await until(async () => decodeProtectedHeader((await signIn()).accessToken).kid !== current?.id, 20_000)
    await expect(run('--revoke', 'unknown')).rejects.toMatchObject({
      stderr: expect.stringContaining('There is no key'),
    })
  }, 90_000)
})
