import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { projectRoot } from '../../platform/service/project-root.js'
import { codes, password, rowsOf, signInOf, startAuth, visitor, type StartedAuth } from '../support/start-auth.js'
import { until } from '../support/until.js'

const root = 'root@example.com'
let auth: StartedAuth
let superadmin: string
beforeAll(async () => {
  auth = await startAuth({ superadmins: [root] })
  const { register, login } = visitor(auth)
  await register({ email: root })
  await auth.ask('mutation { requestPasswordReset(email: "root@example.com") { email } }')
  await confirm(root)
  superadmin = signInOf(await login(root, next)).accessToken
})
afterAll(() => auth.close())

const next = 'thistle orbit lantern'

/** By the mail that asks for a new password, whose link proves the address. */
async function confirm(email: string) {
  let token = ''
  await until(async () => {
    const { data } = await auth.ask('query ($to: String!) { developmentMails(to: $to) { subject text } }', {
      to: email,
    })
    token = /reset-password#token=([\w-]{43})/.exec(JSON.stringify(data))?.[1] ?? ''
    return token !== ''
  })
  const input = { token, newPassword: next }
  await auth.ask('mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }', { input })
}

async function person() {
  const { email, signIn } = await visitor(auth).newcomer()
  const pair = await signIn()
  return { email, userId: pair.user.id, ...pair }
}

const setRole = (token: string, userId: string, role: string) =>
  auth.ask(
    'mutation ($id: ID!, $role: Role!) { setUserRole(userId: $id, role: $role) { role } }',
    { id: userId, role },
    token,
  )
const lock = (token: string, userId: string, reason = 'asked by support') =>
  auth.ask(
    'mutation ($id: ID!, $reason: String!) { lockUser(userId: $id, reason: $reason) { lockedAt } }',
    { id: userId, reason },
    token,
  )
const unlock = (token: string, userId: string) =>
  auth.ask('mutation ($id: ID!) { unlockUser(userId: $id) { lockedAt } }', { id: userId }, token)

/** Opens an account. Whoever waited in vain for a connection is told to try again, and does. */
async function writer() {
  const email = `writer-${crypto.randomUUID()}@example.com`
  for (;;) {
    const refusals = codes(await visitor(auth).register({ email }))
    if (refusals.length === 0) return
    expect(refusals).toEqual(['INT_DATABASE_ERROR'])
  }
}

/** Somebody with a role, signed in with it. */
async function withRole(role: string) {
  const somebody = await person()
  await setRole(superadmin, somebody.userId, role)
  const { accessToken } = signInOf(await visitor(auth).login(somebody.email))
  return { ...somebody, accessToken }
}

describe('administrators', () => {
  it('come from configuration once they have confirmed their address, and not before', async () => {
    expect((await auth.verifier.verify(superadmin)).roles).toEqual(['superadmin'])
    const other = await startAuth({ superadmins: [root] })
    await visitor(other).register({ email: root })
    expect((await other.verifier.verify(signInOf(await visitor(other).login(root)).accessToken)).roles).toEqual([
      'user',
    ])
    await other.close()
  })

  it('give roles up to their own, and the sessions with the old one end', async () => {
    const admin = await withRole('ADMIN')
    const { userId, refreshToken } = await person()
    expect((await setRole(admin.accessToken, userId, 'ADMIN')).data).toEqual({ setUserRole: { role: 'ADMIN' } })
    expect(codes(await visitor(auth).refresh(refreshToken))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(codes(await setRole(admin.accessToken, userId, 'SUPERADMIN'))).toEqual(['AUTHZ_FORBIDDEN'])
    expect(codes(await setRole(admin.accessToken, userId, 'SERVICE'))).toEqual(['AUTHZ_FORBIDDEN'])
  })

  it('do nothing to themselves nor to those above them', async () => {
    const [admin, above] = [await withRole('ADMIN'), await withRole('SUPERADMIN')]
    for (const userId of [admin.userId, above.userId]) {
      expect(codes(await setRole(admin.accessToken, userId, 'USER'))).toEqual(['AUTHZ_FORBIDDEN'])
      expect(codes(await lock(admin.accessToken, userId))).toEqual(['AUTHZ_FORBIDDEN'])
      expect(codes(await unlock(admin.accessToken, userId))).toEqual(['AUTHZ_FORBIDDEN'])
    }
  })

  it('leave one superadmin, also when two depose each other at once', async () => {
    const rows = await rowsOf(auth, "SELECT id FROM auth.accounts WHERE role = 'superadmin'")
    const [one, two] = [await withRole('SUPERADMIN'), await withRole('SUPERADMIN')]
    for (const { id } of rows) await lock(one.accessToken, id)
    const others = await rowsOf(auth, "SELECT id FROM auth.accounts WHERE role = 'superadmin' AND locked_at IS NULL")
    for (const { id } of others) if (![one.userId, two.userId].includes(id)) await lock(one.accessToken, id)
    const answers = await Promise.all([
      setRole(one.accessToken, two.userId, 'USER'),
      setRole(two.accessToken, one.userId, 'USER'),
    ])
    expect(answers.flatMap(codes)).toEqual(['AUTH_TOKEN_INVALID']) // who came second has no session any more
    const left = await rowsOf(auth, "SELECT id FROM auth.accounts WHERE role = 'superadmin' AND locked_at IS NULL")
    expect(left).toHaveLength(1)
    await rowsOf(auth, "UPDATE auth.accounts SET locked_at = NULL WHERE role = 'superadmin'")
    superadmin = signInOf(await visitor(auth).login(root, next)).accessToken // the lock has ended the session
  })

  it('act by the role they have now, not by the one in their token', async () => {
    const demoted = await withRole('SUPERADMIN')
    const accomplice = await person()
    await setRole(superadmin, demoted.userId, 'USER')
    expect(codes(await setRole(demoted.accessToken, accomplice.userId, 'SUPERADMIN'))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(codes(await lock(demoted.accessToken, accomplice.userId))).toEqual(['AUTH_TOKEN_INVALID'])
    const input = { email: `person-${crypto.randomUUID()}@example.com`, name: 'Eve', role: 'SUPERADMIN' }
    const create = 'mutation ($input: CreateUserInput!) { createUser(input: $input) { id } }'
    expect(codes(await auth.ask(create, { input }, demoted.accessToken))).toEqual(['AUTH_TOKEN_INVALID'])
  })

  it.each(['USER', 'GUEST'])('are not %s', async (role) => {
    const { accessToken } = await withRole(role)
    const { userId } = await person()
    expect(codes(await setRole(accessToken, userId, 'USER'))).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
    expect(codes(await lock(accessToken, userId))).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
    expect(codes(await auth.ask('{ auditLogs { edges { cursor } } }', {}, accessToken))).toEqual([
      'AUTHZ_INSUFFICIENT_PERMISSIONS',
    ])
  })

  it('open accounts for others, who choose a password by mail', async () => {
    const admin = await withRole('ADMIN')
    const email = `person-${crypto.randomUUID()}@example.com`
    const create = (role: string) =>
      auth.ask(
        'mutation ($input: CreateUserInput!) { createUser(input: $input) { email role emailVerified } }',
        { input: { email, name: 'Grace Hopper', role } },
        admin.accessToken,
      )
    expect(codes(await create('SUPERADMIN'))).toEqual(['AUTHZ_FORBIDDEN'])
    expect((await create('USER')).data).toEqual({ createUser: { email, role: 'USER', emailVerified: false } })
    expect(codes(await create('USER'))).toEqual(['RES_ALREADY_EXISTS'])
    await confirm(email)
    expect(signInOf(await visitor(auth).login(email, next)).user.email).toBe(email)
  })
})

describe('a locked account', () => {
  it('has no sessions, and signs in like one with a wrong password until it is unlocked', async () => {
    const { email, userId, refreshToken, accessToken } = await person()
    const follower = await auth.engines.bus.follow('events.session.ended', 'new')
    expect(codes(await lock(superadmin, userId))).toEqual([])
    const events = follower[Symbol.asyncIterator]()
    expect((await events.next()).value?.envelope.data).toMatchObject({ userId })
    await follower.close()

    const { login, refresh } = visitor(auth)
    const [locked, wrong] = [await login(email), await login(email, 'wrong gravel teapot')]
    expect(locked.errors.map(({ message }) => message)).toEqual(wrong.errors.map(({ message }) => message))
    expect(codes(await refresh(refreshToken))).toEqual(['AUTH_TOKEN_INVALID'])
    const again = 'mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) { accessToken } }'
    expect(codes(await auth.ask(again, { input: { password } }, accessToken))).toHaveLength(1)

    expect((await unlock(superadmin, userId)).data).toEqual({ unlockUser: { lockedAt: null } })
    expect(codes(await login(email))).toEqual([])
  })

  it('is unlocked by an administrator too where guesses had locked it', async () => {
    const { email, userId } = await person()
    const { login } = visitor(auth)
    for (let tries = 0; tries < 5; tries += 1) await login(email, 'wrong gravel teapot')
    expect(codes(await login(email))).toEqual(['AUTH_INVALID_CREDENTIALS'])

    expect((await unlock(superadmin, userId)).data).toEqual({ unlockUser: { lockedAt: null } })

    expect(codes(await login(email))).toEqual([])
  })
})

const run = promisify(execFile)

/** What `npm run audit:verify` says. */
async function verify(): Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: auth.engines.databaseUrl }
  const script = path.join(projectRoot, 'scripts', 'audit', 'main.ts')
  const tsx = path.join(projectRoot, 'node_modules', '.bin', 'tsx')
  const { stdout, stderr } = await run(tsx, [script], { env }).catch(
    (failed: { stdout: string; stderr: string }) => failed,
  )
  return stdout + stderr
}

const LOG = `query ($filter: AuditFilter, $after: String) { auditLogs(filter: $filter, first: 100, after: $after) {
  edges { node { id action actorId subjectId ipAddress userAgent details } } pageInfo { hasNextPage endCursor } } }`
const page = z.object({
  auditLogs: z.object({
    edges: z.array(z.object({ node: z.record(z.string(), z.unknown()) })),
    pageInfo: z.object({ hasNextPage: z.boolean() }),
  }),
})

async function logged(filter: Record<string, unknown>) {
  const { data } = await auth.ask(LOG, { filter }, superadmin)
  return page.parse(data).auditLogs.edges.map(({ node }) => node)
}

describe('the audit log', () => {
  it('tells what was done to an account, by whom and from where, and nothing secret', async () => {
    const { email, userId } = await person()
    await visitor(auth).login(email, 'wrong gravel teapot')
    await until(async () => (await logged({ subjectId: userId, action: 'session.refused' })).length === 1)
    await lock(superadmin, userId, 'shared the password')
    const adminId = (await auth.verifier.verify(superadmin)).userId

    const entries = await logged({ subjectId: userId })

    expect(entries.map(({ action }) => action)).toEqual([
      'session.ended',
      'account.locked',
      'session.refused',
      'session.opened',
      'account.registered',
    ])
    expect(entries[1]).toMatchObject({ actorId: adminId, subjectId: userId, ipAddress: '127.0.0.1', userAgent: 'node' })
    expect(JSON.parse(String(entries[1]?.['details']))).toEqual({ reason: 'shared the password' })
    expect(JSON.stringify(entries)).not.toMatch(/gravel|example\.com/)
    expect(await logged({ subjectId: userId, actorId: adminId })).toHaveLength(2)
    expect(await logged({ actorId: crypto.randomUUID() })).toEqual([])
  })

  it('is shown to everybody about themselves', async () => {
    const { accessToken } = await person()
    const { data } = await auth.ask('{ myAuditLog { edges { node { action } } } }', {}, accessToken)
    expect(data).toEqual({
      myAuditLog: { edges: [{ node: { action: 'session.opened' } }, { node: { action: 'account.registered' } }] },
    })
  })

  it('does not show people where an administrator works from', async () => {
    const { email, userId } = await person()
    await lock(superadmin, userId)
    await unlock(superadmin, userId)
    const { accessToken } = signInOf(await visitor(auth).login(email))
    const { data } = await auth.ask('{ myAuditLog { edges { node { action actorId ipAddress } } } }', {}, accessToken)
    expect(JSON.stringify(data)).toContain('{"action":"account.locked","actorId":null,"ipAddress":null}')
  })

  it('stays one chain under a hundred writers at once, of whom some may be sent away for a while', async () => {
    await Promise.all(Array.from({ length: 100 }, () => writer()))
    const rows = await rowsOf(auth, 'SELECT sequence, previous_hash, hash FROM auth.audit_entries ORDER BY sequence')
    rows.forEach((row, index) => {
      expect(Number(row.sequence)).toBe(index + 1)
      expect(row.previous_hash.equals(index === 0 ? Buffer.alloc(32) : rows[index - 1].hash)).toBe(true)
    })
    expect(rows.length).toBeGreaterThan(100)
  })

  it('is checked by a command, which finds what a database superuser has changed', async () => {
    expect(await verify()).toMatch(/is whole: \d+ entries, the last [0-9a-f]{64}\./)
    await rowsOf(auth, 'ALTER TABLE auth.audit_entries DISABLE TRIGGER ALL')
    await rowsOf(auth, "UPDATE auth.audit_entries SET action = 'nothing' WHERE sequence = 3")
    expect(await verify()).toMatch(/is broken: entry 3 was changed\./)
    await rowsOf(auth, "UPDATE auth.audit_entries SET action = 'session.opened' WHERE sequence = 3")
    await rowsOf(auth, 'ALTER TABLE auth.audit_entries ENABLE TRIGGER ALL')
  })

  it.each(['UPDATE auth.audit_entries SET action = $1', 'DELETE FROM auth.audit_entries WHERE action <> $1'])(
    'refuses %s',
    async (sql) => {
      await expect(rowsOf(auth, sql, ['x'])).rejects.toThrow(/never changed/)
    },
  )

  it('names nobody in the table, and forgets who it was about with their key', async () => {
    const { userId } = await person()
    const table = JSON.stringify(await rowsOf(auth, 'SELECT * FROM auth.audit_entries'))
    expect(table).not.toContain(userId)
    const all = await logged({})
    const about = all.filter((entry) => entry['subjectId'] === userId)
    await rowsOf(auth, 'DELETE FROM auth.audit_people WHERE user_id = $1', [userId])
    expect(await logged({ subjectId: userId })).toEqual([])
    const ids = about.map((entry) => entry['id'])
    const erased = (await logged({})).filter((entry) => ids.includes(entry['id']))
    expect(erased).toHaveLength(2)
    for (const entry of erased) expect(entry).toMatchObject({ subjectId: null, ipAddress: null, details: '{}' })
  })
})
