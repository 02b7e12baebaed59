import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Secret, TOTP } from 'otpauth'
import { z } from 'zod'
import type { RunningService } from '../../platform/service/engines.js'
import { openUserService } from '../../subgraphs/user/service.js'
import { codes, rowsOf, signInOf, startAuth, visitor, type StartedAuth } from '../support/start-auth.js'
import { userConfig } from '../support/user-config.js'
import { until } from '../support/until.js'

const root = 'root@example.com'
const PATIENCE_MS = 25_000 // less than a test may take
const USERS = `query ($filter: UserFilterInput, $by: UserSortField, $order: SortOrder, $first: Int, $after: String) {
  users(filter: $filter, sortBy: $by, sortOrder: $order, first: $first, after: $after) {
    edges { cursor node { id deletedAt profile { displayName } } } pageInfo { hasNextPage endCursor }
  }
}`
const listed = z.object({
  users: z.object({
    edges: z.array(
      z.object({
        cursor: z.string(),
        node: z.object({
          id: z.string(),
          deletedAt: z.string().nullable(),
          profile: z.object({ displayName: z.string().nullable() }),
        }),
      }),
    ),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
})

const AUDIT = 'query ($filter: AuditFilter) { auditLogs(filter: $filter) { edges { node { action details } } } }'
const audited = z.object({
  auditLogs: z.object({
    edges: z.array(z.object({ node: z.object({ action: z.string(), details: z.string() }) })),
  }),
})

/** Auth and user as they run beside each other: on one bus, knowing each other by events alone. */
let auth: StartedAuth
let user: RunningService
let superadmin: string

beforeAll(async () => {
  auth = await startAuth({ superadmins: [root] })
  user = await openUserService(userConfig, { ...auth.engines, verifier: auth.verifier })
  await visitor(auth).register({ email: root, name: 'The Root' })
  await confirmAddress(root)
  superadmin = signInOf(await visitor(auth).login(root, 'thistle orbit lantern')).accessToken
})

afterAll(async () => {
  await user.close()
  await auth.close()
})

/** By the mail that asks for a new password, whose link proves the address. */
async function confirmAddress(email: string): Promise<void> {
  await auth.ask('mutation ($email: String!) { requestPasswordReset(email: $email) { email } }', { email })
  let token = ''
  await until(async () => {
    const { data } = await auth.ask('query ($to: String!) { developmentMails(to: $to) { text } }', { to: email })
    token = /reset-password#token=([\w-]{43})/.exec(JSON.stringify(data))?.[1] ?? ''
    return token !== ''
  }, PATIENCE_MS)
  const input = { token, newPassword: 'thistle orbit lantern' }
  await auth.ask('mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }', { input })
}

const ask = (query: string, variables: Record<string, unknown> = {}, token = superadmin) =>
  auth.ask(query, variables, token, user.port)

async function usersBy(variables: Record<string, unknown>) {
  return listed.parse((await ask(USERS, variables)).data).users
}

async function idsBy(filter: Record<string, unknown>): Promise<ReadonlySet<string>> {
  return new Set((await usersBy({ filter, first: 100 })).edges.map(({ node }) => node.id))
}

/** Somebody registered under a name, when the news of it has arrived. */
async function person(name = 'Ada Lovelace') {
  const email = `person-${crypto.randomUUID()}@example.com`
  await visitor(auth).register({ email, name })
  const { accessToken, user: account } = signInOf(await visitor(auth).login(email))
  await until(async () => (await idsBy({ role: 'USER' })).has(account.id), PATIENCE_MS)
  return { email, token: accessToken, id: account.id }
}

async function addApp(token: string): Promise<void> {
  const { data } = await auth.ask('mutation { enrollMfa { secret } }', {}, token)
  const { secret } = z.object({ enrollMfa: z.object({ secret: z.string() }) }).parse(data).enrollMfa
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate()
  const { errors } = await auth.ask('mutation ($code: String!) { confirmMfa(code: $code) { codes } }', { code }, token)
  expect(errors).toEqual([])
}

describe('the list of people', () => {
  it('is narrowed by what auth told: role, address, second factor', async () => {
    const [ada, bob, cleo] = [await person('Ada'), await person('Bob'), await person('Cleo')]
    await auth.ask('mutation ($id: ID!) { setUserRole(userId: $id, role: ADMIN) { role } }', { id: ada.id }, superadmin)
    await confirmAddress(bob.email)
    await addApp(cleo.token)

    await until(async () => (await idsBy({ role: 'ADMIN' })).has(ada.id), PATIENCE_MS)
    await until(async () => (await idsBy({ verified: true })).has(bob.id), PATIENCE_MS)
    await until(async () => (await idsBy({ mfaEnabled: true })).has(cleo.id), PATIENCE_MS)

    expect(await idsBy({ role: 'ADMIN' })).toEqual(new Set([ada.id]))
    expect((await idsBy({ role: 'SUPERADMIN', verified: true })).size).toBe(1)
    expect(await idsBy({ mfaEnabled: true })).toEqual(new Set([cleo.id]))
    const others = await idsBy({ role: 'USER', verified: false, mfaEnabled: false })
    expect([ada, bob, cleo].filter(({ id }) => others.has(id))).toEqual([])
    expect(await idsBy({ role: 'GUEST' })).toEqual(new Set())
  })

  it('knows accounts that are older than the news about them, once auth has started', async () => {
    const ada = await person()
    await rowsOf(auth, `UPDATE "user".profiles SET role = NULL, account_revision = 0 WHERE user_id = $1`, [ada.id])
    await rowsOf(auth, `DELETE FROM auth.inbox_events`)
    expect((await idsBy({ role: 'USER' })).has(ada.id)).toBe(false)

    await auth.stop()
    await auth.start()

    await until(async () => (await idsBy({ role: 'USER' })).has(ada.id), PATIENCE_MS)
  })

  it('is narrowed by when, and by name, also misspelled', async () => {
    const [ada, bob] = [await person('Wilhelmina Murray'), await person('Jonathan Harker')]
    const [{ created_at: at }] = await rowsOf(auth, `SELECT created_at FROM "user".profiles WHERE user_id = $1`, [
      ada.id,
    ])
    const instant = (at as Date).toISOString()

    expect(await idsBy({ search: 'wilhelmena muray' })).toEqual(new Set([ada.id]))
    expect((await idsBy({ createdAfter: instant })).has(ada.id)).toBe(false)
    expect((await idsBy({ createdAfter: instant })).has(bob.id)).toBe(true)
    expect((await idsBy({ createdBefore: instant })).has(bob.id)).toBe(false)
    expect(codes(await ask(USERS, { filter: { search: 'x' } }))).toEqual(['VAL_FIELD_TOO_SHORT'])
  })

  it('has those who are deleted where asked for, and only there', async () => {
    const ada = await person()
    await ask('mutation ($id: ID!) { deleteUser(userId: $id) { id deletedAt active } }', { id: ada.id })

    expect((await idsBy({})).has(ada.id)).toBe(false)
    expect(await idsBy({ deleted: true })).toEqual(new Set([ada.id]))
  })

  it('and what administrators do to those on it stand in the audit log, each act once', async () => {
    const ada = await person()
    const input = { bio: 'Not hers.' }
    await ask('mutation ($id: ID!, $input: UpdateProfileInput!) { updateUser(userId: $id, input: $input) { id } }', {
      id: ada.id,
      input,
    })
    await ask('mutation ($id: ID!) { deleteUser(userId: $id) { id } }', { id: ada.id })
    const { userId: rootId } = await auth.verifier.verify(superadmin)
    const log = async () => {
      const { data } = await auth.ask(AUDIT, { filter: { subjectId: ada.id, actorId: rootId } }, superadmin)
      return audited.parse(data).auditLogs.edges.map(({ node }) => node)
    }

    await until(async () => (await log()).length >= 2, PATIENCE_MS)

    expect(await log()).toEqual([
      { action: 'profile.deleted', details: '{"fields":[]}' },
      { action: 'profile.changed', details: '{"fields":["bio"]}' },
    ])
  })

  it.each([
    ['NAME', 'ASC'],
    ['NAME', 'DESC'],
    ['CREATED_AT', 'ASC'],
    ['UPDATED_AT', 'DESC'],
  ])('is read page by page by %s %s, whole and in order', async (by, order) => {
    const inOne = (await usersBy({ by, order, first: 100 })).edges.map(({ node }) => node.id)
    const paged: string[] = []
    let after: string | null = null
    for (;;) {
      const { edges, pageInfo } = await usersBy({ by, order, first: 2, after })
      paged.push(...edges.map(({ node }) => node.id))
      if (!pageInfo.hasNextPage) break
      after = pageInfo.endCursor
    }

    expect(paged).toEqual(inOne)
    expect(new Set(inOne).size).toBe(inOne.length)
    const names = (await usersBy({ by: 'NAME', order: 'ASC', first: 100 })).edges.map(({ node }) =>
      (node.profile.displayName ?? '').toLowerCase(),
    )
    expect(names).toEqual([...names].sort())
  })

  it('takes a cursor only for the order it was made for', async () => {
    const { pageInfo } = await usersBy({ by: 'NAME', first: 1 })

    for (const after of [pageInfo.endCursor, 'x', Buffer.from('["CREATED_AT","a\\u0000",1]').toString('base64url')]) {
      expect(codes(await ask(USERS, { by: 'CREATED_AT', after }))).toEqual(['VAL_INVALID_FORMAT'])
    }
  })

  it('is for administrators of users', async () => {
    const ada = await person()

    expect(codes(await ask(USERS, {}, ada.token))).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
    expect(codes(await auth.ask(USERS, {}, undefined, user.port))).toEqual(['AUTH_TOKEN_INVALID'])
  })
})
