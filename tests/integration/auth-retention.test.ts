import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { openDatabase, type Database } from '../../platform/database/open-database.js'
import { createLogger } from '../../platform/log/logger.js'
import { createAuthPrisma, type AuthPrisma } from '../../subgraphs/auth/persistence/auth-prisma.js'
import { forgetOld, KEPT_AFTER_END_MS } from '../../subgraphs/auth/persistence/forget-old.js'
import { codes, rowsOf, startAuth, visitor, type StartedAuth } from '../support/start-auth.js'

const MINUTE = 60_000
let auth: StartedAuth
let database: Database
let prisma: AuthPrisma

beforeAll(async () => {
  auth = await startAuth()
  const logger = createLogger({ service: 'test', level: 'silent' })
  database = await openDatabase({ url: auth.engines.databaseUrl, schema: 'auth', logger })
  prisma = createAuthPrisma(database)
})
afterAll(async () => {
  await prisma.$disconnect()
  await database.close()
  await auth.close()
})

const ids = async (sql: string, ...values: unknown[]) =>
  (await rowsOf(auth, sql, values)).map((row: { id: string }) => row.id)
const later = (ms: number) => new Date(Date.now() + ms)

it('a session is forgotten a month after it ended, with address and program; one that lives is not', async () => {
  const { signIn } = await visitor(auth).newcomer()
  const [over, alive] = [await signIn(), await signIn()]
  await auth.ask('mutation { logout }', {}, over.accessToken)
  const sessions = () => ids('SELECT id FROM auth.sessions WHERE account_id = $1 ORDER BY created_at', alive.user.id)

  await forgetOld(prisma, later(KEPT_AFTER_END_MS - MINUTE))
  expect(await sessions()).toEqual([over.session.id, alive.session.id])
  await forgetOld(prisma, later(KEPT_AFTER_END_MS + MINUTE))
  expect(await sessions()).toEqual([alive.session.id])
  expect(await ids('SELECT session_id AS id FROM auth.refresh_tokens WHERE session_id = $1', over.session.id)).toEqual(
    [],
  )
  expect(codes(await visitor(auth).refresh(alive.refreshToken))).toEqual([])
  await forgetOld(prisma, later(2 * KEPT_AFTER_END_MS)) // nobody has come back to it
  expect(await sessions()).toEqual([])
})

it('links and challenges are forgotten once they have expired, in batches, by one replica at a time', async () => {
  const { user } = await (await visitor(auth).newcomer()).signIn()
  await rowsOf(
    auth,
    `INSERT INTO auth.one_time_links (fingerprint, account_id, purpose, expires_at)
     SELECT sha256(n::text::bytea), $1, 'reset_password', now() + interval '1 hour' FROM generate_series(1, 700) AS n`,
    [user.id],
  )
  const ofKind = "SELECT account_id AS id FROM auth.one_time_links WHERE account_id = $1 AND purpose = 'reset_password'"
  const left = () => ids(ofKind, user.id)
  await forgetOld(prisma, later(0))
  expect(await left()).toHaveLength(700)
  expect(await forgetOld(prisma, later(61 * MINUTE))).toBeGreaterThanOrEqual(500)
  const rest = (await left()).length // the link of the first sign-up may have been among the batch
  expect([200, 201]).toContain(rest)
  await Promise.all([forgetOld(prisma, later(61 * MINUTE)), forgetOld(prisma, later(61 * MINUTE))])
  expect(await left()).toEqual([])
  expect(await forgetOld(prisma, later(61 * MINUTE))).toBe(0)
})

it('all other sessions end at once, and devices have names', async () => {
  const { signIn } = await visitor(auth).newcomer()
  const [here, there, elsewhere] = [await signIn(), await signIn(), await signIn()]
  const ended = await auth.ask('mutation { revokeOtherSessions }', {}, here.accessToken)
  expect(ended.data).toEqual({ revokeOtherSessions: 2 })
  for (const { refreshToken } of [there, elsewhere])
    expect(codes(await visitor(auth).refresh(refreshToken))).toEqual(['AUTH_TOKEN_INVALID'])
  expect((await auth.ask('{ mySessions { id deviceName } }', {}, here.accessToken)).data).toEqual({
    mySessions: [{ id: here.session.id, deviceName: 'Node' }],
  })
  expect(codes(await auth.ask('mutation { revokeOtherSessions }'))).toEqual(['AUTH_TOKEN_INVALID'])
})

it('a refused password is written down also where a password is changed', async () => {
  const { accessToken } = await (await visitor(auth).newcomer()).signIn()
  const input = { currentPassword: 'not my password', newPassword: 'thistle orbit lantern' }
  const changed = await auth.ask(
    'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) }',
    { input },
    accessToken,
  )
  expect(codes(changed)).toEqual(['AUTH_INVALID_CREDENTIALS'])
  let log = ''
  while (!log.includes('session.refused'))
    log = JSON.stringify((await auth.ask('{ myAuditLog { edges { node { action } } } }', {}, accessToken)).data)
})
