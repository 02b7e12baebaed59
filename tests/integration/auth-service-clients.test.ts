import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { decodeJwt } from 'jose'
import { z } from 'zod'
import { codes, rowsOf, signInOf, startAuth, visitor, type StartedAuth } from '../support/start-auth.js'
import type { Answer } from '../support/start-subgraph.js'

let auth: StartedAuth
let superadmin: string
let admin: string
beforeAll(async () => {
  auth = await startAuth()
  superadmin = await withRole('superadmin')
  admin = await withRole('admin')
})
afterAll(() => auth.close())

async function withRole(role: string): Promise<string> {
  const { email, signIn } = await visitor(auth).newcomer()
  await rowsOf(auth, 'UPDATE auth.accounts SET role = $2::auth.role WHERE email = $1', [email, role])
  return (await signIn()).accessToken
}

const CLIENT = 'id name scopes createdAt disabledAt secrets { id createdAt expiresAt lastUsedAt }'
const client = z.object({
  id: z.uuid(),
  name: z.string(),
  scopes: z.array(z.string()),
  disabledAt: z.string().nullable(),
  secrets: z.array(z.object({ id: z.uuid(), expiresAt: z.string().nullable(), lastUsedAt: z.string().nullable() })),
})
const credentials = z.object({ told: z.object({ clientSecret: z.string(), client }) })

const create = (scopes: readonly string[], token = superadmin) =>
  auth.ask(
    `mutation ($input: CreateServiceClientInput!) { told: createServiceClient(input: $input) { clientSecret client { ${CLIENT} } } }`,
    { input: { name: 'Indexer', scopes } },
    token,
  )
const rotate = (id: string, endOthersNow?: boolean, token = superadmin) =>
  auth.ask(
    `mutation ($id: ID!, $now: Boolean! = false) { told: rotateServiceClientSecret(id: $id, endOthersNow: $now) { clientSecret client { ${CLIENT} } } }`,
    { id, now: endOthersNow },
    token,
  )
const disable = (id: string, token = admin) =>
  auth.ask(`mutation ($id: ID!) { client: disableServiceClient(id: $id) { ${CLIENT} } }`, { id }, token)
const issue = (clientId: string, clientSecret: string, scopes?: readonly string[]) =>
  auth.ask(
    'mutation ($input: IssueServiceTokenInput!) { issueServiceToken(input: $input) { accessToken expiresIn scopes } }',
    { input: { clientId, clientSecret, scopes } },
  )

const credentialsOf = ({ data }: Answer) => credentials.parse(data).told
const tokenOf = ({ data }: Answer) =>
  z.object({ issueServiceToken: z.object({ accessToken: z.string() }) }).parse(data).issueServiceToken.accessToken

async function program(scopes: readonly string[] = ['content:read', 'content:write']) {
  const told = credentialsOf(await create(scopes))
  return { id: told.client.id, secret: told.clientSecret, secretId: told.client.secrets[0]?.id }
}

/** The sessions whose end was told since the tables were made. */
async function endedHandles(): Promise<readonly string[]> {
  const handles: string[] = []
  const mark = crypto.randomUUID()
  const bus = auth.engines.bus
  const emptied = async () => (await rowsOf(auth, 'SELECT 1 FROM auth.outbox_events')).length === 0
  while (!(await emptied())) await new Promise((resolve) => setTimeout(resolve, 5))
  await bus.publish('events.session.ended', {
    id: mark,
    type: 'session.ended',
    version: 1,
    occurredAt: new Date().toISOString(),
    traceId: '0'.repeat(32),
    data: { sessionId: mark, userId: mark },
  })
  for await (const { envelope } of await bus.follow('events.session.ended', 'all')) {
    if (envelope.id === mark) break
    handles.push(z.object({ sessionId: z.string() }).parse(envelope.data).sessionId)
  }
  return handles
}

describe('a program', () => {
  it('gets a token of its own for its credentials, for an hour, with what it may and no more', async () => {
    const { id, secret, secretId } = await program()
    const answer = await issue(id, secret)
    expect(answer.data).toMatchObject({
      issueServiceToken: { expiresIn: 3600, scopes: ['content:read', 'content:write'] },
    })
    const claims = decodeJwt(tokenOf(answer))
    expect(claims).toMatchObject({
      sub: id,
      client_id: id,
      sid: secretId,
      roles: ['service'],
      scope: 'content:read content:write',
    })
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(3600)
    for (const claim of ['amr', 'acr', 'auth_time']) expect(claims).not.toHaveProperty(claim)
    const principal = await auth.verifier.verify(tokenOf(answer))
    expect(principal).toMatchObject({ userId: id, sessionId: secretId, roles: ['service'] })
    expect([...principal.permissions]).toEqual(['content:read', 'content:write'])
  })

  it('asks for a part of what it may, and is refused the rest by name', async () => {
    const { id, secret } = await program()
    expect((await issue(id, secret, ['content:read'])).data).toMatchObject({
      issueServiceToken: { scopes: ['content:read'] },
    })
    const above = await issue(id, secret, ['content:read', 'content:publish'])
    expect(codes(above)).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
    expect(above.errors[0]?.extensions.details).toEqual([
      { field: 'input.scopes[1]', reason: 'is not among what this program may' },
    ])
  })

  it('is refused alike with a wrong secret, another program’s, and when there is no such program', async () => {
    const [one, other] = [await program(), await program()]
    const answers = [
      await issue(one.id, `${one.secret.slice(0, -1)}${one.secret.endsWith('A') ? 'B' : 'A'}`),
      await issue(one.id, other.secret),
      await issue(crypto.randomUUID(), one.secret),
    ]
    expect(answers.map(codes)).toEqual(Array(3).fill(['AUTH_INVALID_CREDENTIALS']))
    expect(new Set(answers.map(({ errors }) => errors[0]?.message)).size).toBe(1)
  })

  it('gets its tokens when many of its replicas start at once', async () => {
    const { id, secret } = await program()
    const answers = await Promise.all(Array.from({ length: 30 }, () => issue(id, secret)))
    expect(answers.flatMap(codes)).toEqual([])
  })

  it('is closed to guessing: of 200 wrong secrets at once none after the hundredth is compared, nor is the right one then', async () => {
    const { id, secret } = await program()
    await Promise.all(Array.from({ length: 200 }, (_, index) => issue(id, `bsc_${index}`)))
    expect(codes(await issue(id, secret))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    auth.weather.cacheIsAway = true // counts that are lost
    expect(codes(await issue(id, secret))).toEqual([])
    auth.weather.cacheIsAway = false
  })

  it('does what its scopes say, and nothing that asks how a person signed in', async () => {
    const { id, secret } = await program(['admin:audit', 'content:read'])
    const token = tokenOf(await issue(id, secret))
    expect(codes(await auth.ask('{ auditLogs { edges { node { action } } } }', {}, token))).toEqual([])
    expect(codes(await auth.ask('mutation { enrollMfa { secret } }', {}, token))).toEqual(['AUTH_STEP_UP_REQUIRED'])
    expect(codes(await create(['content:read'], token))).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
  })
})

describe('secrets of programs', () => {
  it('are told once: neither a list nor the database has them', async () => {
    const { id, secret } = await program()
    const list = await auth.ask(`{ serviceClients(first: 100) { edges { node { ${CLIENT} } } } }`, {}, admin)
    expect(JSON.stringify(list.data)).toContain(id)
    const rows = await rowsOf(auth, 'SELECT * FROM auth.service_client_secrets')
    const log = await rowsOf(auth, 'SELECT * FROM auth.audit_entries')
    for (const text of [list, rows, log].map((given) => JSON.stringify(given))) expect(text).not.toContain(secret)
  })

  it('are two during a rotation and never three, and the earlier one ends after a day', async () => {
    const { id, secret } = await program()
    const second = credentialsOf(await rotate(id))
    expect(second.client.secrets).toHaveLength(2)
    expect(codes(await issue(id, secret))).toEqual([])
    expect(codes(await issue(id, second.clientSecret))).toEqual([])
    const third = credentialsOf(await rotate(id))
    expect(third.client.secrets.map(({ expiresAt }) => expiresAt === null)).toEqual([true, false])
    expect(codes(await issue(id, secret))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    expect(codes(await issue(id, second.clientSecret))).toEqual([])
    auth.weather.aheadMs += 86_400_001
    expect(codes(await issue(id, second.clientSecret))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    expect(codes(await issue(id, third.clientSecret))).toEqual([])
    auth.weather.aheadMs = 0
  })

  it('end at once after a leak, and their tokens with them, the one of two rotations ago too', async () => {
    const { id, secret, secretId } = await program()
    const token = decodeJwt(tokenOf(await issue(id, secret)))
    const second = credentialsOf(await rotate(id))
    const third = credentialsOf(await rotate(id))
    const last = credentialsOf(await rotate(id, true))
    expect(last.client.secrets).toHaveLength(1)
    for (const earlier of [secret, second.clientSecret, third.clientSecret])
      expect(codes(await issue(id, earlier))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    expect(codes(await issue(id, last.clientSecret))).toEqual([])
    expect(token['sid']).toBe(secretId)
    const before = third.client.secrets.map((kept) => kept.id)
    expect(await endedHandles()).toEqual(expect.arrayContaining([secretId, ...before]))
  })

  it('end for good when the program is disabled, and its tokens with them', async () => {
    const { id, secret, secretId } = await program()
    await issue(id, secret)
    expect((await disable(id)).data).toMatchObject({ client: { id, disabledAt: expect.any(String), secrets: [] } })
    expect(codes(await issue(id, secret))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    expect(codes(await rotate(id))).toEqual(['RES_NOT_FOUND'])
    expect(codes(await disable(id))).toEqual([]) // no matter if it was before
    expect(await endedHandles()).toContain(secretId)
    const actions = await auth.ask(
      'query ($id: ID!) { auditLogs(filter: { subjectId: $id }) { edges { node { action } } } }',
      { id },
      admin,
    )
    expect(JSON.stringify(actions.data).match(/service[-a-z.]+/g)).toEqual([
      'service-client.disabled',
      'service-token.issued',
      'service-client.created',
    ])
  })
})

describe('who makes programs', () => {
  it('is a superadmin, who signed in lately; administrators list and disable them, others do neither', async () => {
    const { id } = await program()
    expect(codes(await create(['content:read'], admin))).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
    expect(codes(await rotate(id, false, admin))).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
    const user = signInOf(await visitor(auth).login((await visitor(auth).newcomer()).email)).accessToken
    expect(codes(await disable(id, user))).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
    expect(codes(await auth.ask('{ serviceClients { pageInfo { hasNextPage } } }', {}, user))).toEqual([
      'AUTHZ_INSUFFICIENT_PERMISSIONS',
    ])
    const early = auth.weather.aheadMs
    auth.weather.aheadMs = -600_000
    const stale = await withRole('superadmin')
    auth.weather.aheadMs = early
    expect(codes(await create(['content:read'], stale))).toEqual(['AUTH_STEP_UP_REQUIRED'])
  })

  it('can not make one that manages accounts or the system, nor one with a scope that is none', async () => {
    const refused = await create(['content:read', 'admin:users', 'admin:system', 'everything'])
    expect(codes(refused)).toEqual(['VAL_VALIDATION_FAILED'])
    expect(refused.errors[0]?.extensions.details?.map(({ field }) => field)).toEqual([
      'input.scopes[1]',
      'input.scopes[2]',
      'input.scopes[3]',
    ])
  })

  it('acts by the role they have now', async () => {
    const { email, signIn } = await visitor(auth).newcomer()
    const set = (role: string) =>
      rowsOf(auth, 'UPDATE auth.accounts SET role = $2::auth.role WHERE email = $1', [email, role])
    await set('superadmin')
    const { accessToken } = await signIn()
    await set('user')
    const { id } = await program()
    expect(codes(await create(['content:read'], accessToken))).toEqual(['AUTHZ_FORBIDDEN'])
    expect(codes(await rotate(id, true, accessToken))).toEqual(['AUTHZ_FORBIDDEN'])
    expect(codes(await disable(id, accessToken))).toEqual(['AUTHZ_FORBIDDEN'])
  })
})
