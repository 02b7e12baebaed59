/** Auth under a role that does not own its schema: it does all it does, and can add to the audit log alone. */
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import pg from 'pg'
import { createLogger } from '../../platform/log/logger.js'
import type { RunningService } from '../../platform/service/engines.js'
import { openAuthService } from '../../subgraphs/auth/service.js'
import { testAuthConfig } from '../support/auth-config.js'
import { rowsOf, signInOf, startAuth, visitor, type StartedAuth } from '../support/start-auth.js'
import { createSigningKey } from '../support/test-tokens.js'

const role = `auth_runtime_${crypto.randomUUID().slice(0, 8)}`
const password = crypto.randomUUID()
let auth: StartedAuth
let runtime: pg.Client
let service: RunningService
let url: string

beforeAll(async () => {
  auth = await startAuth()
  await auth.stop()
  await rowsOf(auth, `CREATE ROLE ${role} LOGIN PASSWORD '${password}'`)
  await rowsOf(auth, 'SELECT auth.grant_runtime_role($1::text::regrole)', [role])
  const address = new URL(auth.engines.databaseUrl)
  Object.assign(address, { username: role, password })
  url = address.href
  const options = { needsConfirmation: false, superadmins: [], smtpUrl: null, smsUrl: null, mostSmsADay: 100 }
  const config = testAuthConfig({
    ...options,
    passkeyOrigins: [],
    providers: [],
    signingKeys: [await createSigningKey()],
    argon2Iterations: 1,
  })
  const logger = createLogger({ service: 'test', level: 'silent' })
  service = await openAuthService(config, { ...auth.engines, databaseUrl: url, logger, verifier: auth.verifier })
  runtime = new pg.Client({ connectionString: url })
  await runtime.connect()
})
afterAll(async () => {
  await runtime.end()
  await service.close()
  await rowsOf(auth, `DROP OWNED BY ${role}`)
  await rowsOf(auth, `DROP ROLE ${role}`)
  await auth.close()
})

it('opens accounts, signs in and out, and writes it down', async () => {
  const at: Pick<StartedAuth, 'ask'> = {
    ask: (query, variables) => auth.ask(query, variables, undefined, service.port),
  }
  const { email } = await visitor(at).newcomer()
  const { user, refreshToken } = signInOf(await visitor(at).login(email))
  signInOf(await visitor(at).refresh(refreshToken))
  const written = await rowsOf(
    auth,
    'SELECT action FROM auth.audit_entries WHERE subject = (SELECT pseudonym FROM auth.audit_people WHERE user_id = $1) ORDER BY sequence',
    [user.id],
  )
  expect(written.map(({ action }: { action: string }) => action)).toEqual(['account.registered', 'session.opened'])
})

it.each([
  ['change an entry', "UPDATE auth.audit_entries SET action = 'nothing'"],
  ['delete one', 'DELETE FROM auth.audit_entries'],
  ['empty the log', 'TRUNCATE auth.audit_entries'],
  ['switch off what refuses changes', 'ALTER TABLE auth.audit_entries DISABLE TRIGGER ALL'],
  ['take it away', 'DROP TRIGGER audit_entries_append_only ON auth.audit_entries'],
  [
    'put another function in its place',
    'CREATE OR REPLACE FUNCTION auth.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
  ],
  ['write as a replica, for which triggers do not fire', 'SET session_replication_role = replica'],
  ['say that a migration was applied', 'DELETE FROM auth._prisma_migrations'],
  ['give itself more', `GRANT UPDATE ON auth.audit_entries TO ${role}`],
])('can not %s', async (_what, sql) => {
  const privileges = async () =>
    (
      await rowsOf(
        auth,
        "SELECT has_table_privilege($1, 'auth.audit_entries', 'UPDATE, DELETE, TRUNCATE, TRIGGER') AS any",
        [role],
      )
    )[0]
  const outcome = await runtime.query(sql).then(
    () => 'done',
    (error: unknown) => (error instanceof pg.DatabaseError ? error.code : 'lost'),
  )
  // 42501: insufficient privilege, as also who does not own it is told; a GRANT of what one may not give is done and gives nothing
  expect([outcome, await privileges()]).toEqual([
    sql.startsWith('GRANT') ? expect.any(String) : '42501',
    { any: false },
  ])
})

it('can add to it', async () => {
  expect(
    (await rowsOf(auth, "SELECT has_table_privilege($1, 'auth.audit_entries', 'INSERT') AS may", [role]))[0],
  ).toEqual({
    may: true,
  })
})
