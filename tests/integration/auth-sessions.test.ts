import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import pg from 'pg'
import { z } from 'zod'
import { codes, signInOf, startAuth, visitor, type StartedAuth } from '../support/start-auth.js'
import { createTestIssuer } from '../support/test-tokens.js'

const SECOND = 1_000
const DAY = 86_400 * SECOND

let auth: StartedAuth

beforeAll(async () => {
  auth = await startAuth()
})

afterEach(() => {
  auth.weather.aheadMs = 0
})

afterAll(() => auth.close())

const listed = z.object({ mySessions: z.array(z.object({ id: z.string(), current: z.boolean() })) })

async function mySessions(token: string) {
  return listed.parse((await auth.ask('{ mySessions { id current } }', {}, token)).data).mySessions
}

async function endedSession(sessionId: string) {
  for await (const { envelope } of await auth.engines.bus.follow('events.session.ended', 'all')) {
    if (JSON.stringify(envelope.data).includes(sessionId)) return envelope
  }
  throw new Error('The log ended.')
}

async function rows(sql: string, values: unknown[]) {
  const client = new pg.Client({ connectionString: auth.engines.databaseUrl })
  await client.connect()
  try {
    return (await client.query(sql, values)).rows
  } finally {
    await client.end()
  }
}

async function entities(representations: readonly object[], token?: string) {
  const answer = await auth.ask(
    `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on User { id email role lastLoginAt createdAt }
      ... on Session { id current userAgent }
    } }`,
    { representations },
    token,
  )
  expect(answer.errors).toEqual([])
  return z.object({ _entities: z.array(z.record(z.string(), z.unknown()).nullable()) }).parse(answer.data)._entities
}

describe('a refresh token', () => {
  it('is exchanged for a new pair of the same session', async () => {
    const { refresh, newcomer } = visitor(auth)
    const first = await (await newcomer()).signIn()

    const second = signInOf(await refresh(first.refreshToken))
    const third = signInOf(await refresh(second.refreshToken))

    expect(new Set([first, second, third].map(({ refreshToken }) => refreshToken)).size).toBe(3)
    expect(third.session.id).toBe(first.session.id)
    expect(third.user).toMatchObject({ id: first.user.id, email: first.user.email })
    expect(await auth.verifier.verify(third.accessToken)).toMatchObject({ sessionId: first.session.id })
  })

  it('refreshed by four at once gives all four the same successor, and leaves one live family', async () => {
    const { refresh, newcomer } = visitor(auth)
    const { refreshToken, session, user } = await (await newcomer()).signIn()

    const answers = await Promise.all(Array.from({ length: 4 }, () => refresh(refreshToken)))

    const pairs = answers.map(signInOf)
    const successors = new Set(pairs.map((pair) => pair.refreshToken)).size
    expect(successors).toBe(1)
    expect(pairs[0]?.refreshToken).not.toBe(refreshToken)
    const unused = await rows('SELECT 1 FROM auth.refresh_tokens WHERE session_id = $1 AND used_at IS NULL', [
      session.id,
    ])
    expect(unused).toHaveLength(1)
    const live = await rows('SELECT id FROM auth.sessions WHERE account_id = $1 AND ended_at IS NULL', [user.id])
    console.log(
      `four refreshes at once: ${successors} successor, ${unused.length} unused token, ${live.length} live session`,
    )
    expect(live).toEqual([{ id: session.id }])
    expect(codes(await refresh(pairs[0]?.refreshToken ?? ''))).toEqual([])
  })

  it('gives its successor again within 30 s, and the live one to who is several behind', async () => {
    const { refresh, newcomer } = visitor(auth)
    const { refreshToken } = await (await newcomer()).signIn()
    const second = signInOf(await refresh(refreshToken))
    auth.weather.aheadMs = 29 * SECOND
    expect(signInOf(await refresh(refreshToken)).refreshToken).toBe(second.refreshToken)
    const third = signInOf(await refresh(second.refreshToken))

    expect(signInOf(await refresh(refreshToken)).refreshToken).toBe(third.refreshToken)
  })

  it('used again after 30 s ends the session of the thief and of the owner', async () => {
    const { refresh, newcomer } = visitor(auth)
    const { refreshToken, session, user } = await (await newcomer()).signIn()
    const second = signInOf(await refresh(refreshToken))
    auth.weather.aheadMs = 31 * SECOND

    expect(codes(await refresh(refreshToken))).toEqual(['AUTH_TOKEN_INVALID'])

    expect(codes(await refresh(second.refreshToken))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(await endedSession(session.id)).toMatchObject({ data: { sessionId: session.id, userId: user.id } })
  })

  it('leaves nothing to decrypt once the grace is over', async () => {
    const { refresh, newcomer } = visitor(auth)
    const { refreshToken, session } = await (await newcomer()).signIn()
    const second = signInOf(await refresh(refreshToken))
    auth.weather.aheadMs = 60 * SECOND
    await refresh(second.refreshToken)

    const sealed = await rows(
      'SELECT sealed_successor IS NULL AS empty FROM auth.refresh_tokens WHERE session_id = $1 ORDER BY created_at',
      [session.id],
    )
    expect(sealed).toEqual([{ empty: true }, { empty: false }, { empty: true }])
  })

  it('works for 7 days after its last use, and never beyond 30', async () => {
    const { refresh, newcomer } = visitor(auth)
    const { signIn } = await newcomer()
    let { refreshToken } = await signIn()
    for (const day of [6, 12, 18, 24]) {
      auth.weather.aheadMs = day * DAY
      refreshToken = signInOf(await refresh(refreshToken)).refreshToken
    }
    auth.weather.aheadMs = 29 * DAY
    const last = signInOf(await refresh(refreshToken))
    expect(Date.parse(last.refreshTokenExpiresAt) - Date.now()).toBeLessThanOrEqual(30 * DAY)
    auth.weather.aheadMs = 30 * DAY + SECOND
    expect(codes(await refresh(last.refreshToken))).toEqual(['AUTH_TOKEN_INVALID'])

    auth.weather.aheadMs = 0
    const idle = await signIn()
    auth.weather.aheadMs = 7 * DAY + SECOND
    expect(codes(await refresh(idle.refreshToken))).toEqual(['AUTH_TOKEN_INVALID'])
  })

  it.each(['', 'x', 'A'.repeat(43)])('that nobody was given (%j) is refused', async (token) => {
    expect(codes(await visitor(auth).refresh(token))).toEqual(['AUTH_TOKEN_INVALID'])
  })

  it('of any length is refused before it is looked up', async () => {
    expect(codes(await visitor(auth).refresh('A'.repeat(129)))).toEqual(['VAL_FIELD_TOO_LONG'])
  })
})

describe('sessions', () => {
  it('are listed to their owner, newest first, with the present one marked', async () => {
    const { signIn } = await visitor(auth).newcomer()
    const first = await signIn()
    auth.weather.aheadMs = SECOND
    const second = await signIn()

    expect(await mySessions(second.accessToken)).toEqual([
      { id: second.session.id, current: true },
      { id: first.session.id, current: false },
    ])
  })

  it('end with logout, which is true a second time too', async () => {
    const { newcomer, refresh } = visitor(auth)
    const { accessToken, refreshToken, session } = await (await newcomer()).signIn()
    const logout = async () => (await auth.ask('mutation { logout }', {}, accessToken)).data

    expect(await logout()).toEqual({ logout: true })
    expect(await logout()).toEqual({ logout: true })

    expect(codes(await refresh(refreshToken))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(await mySessions(accessToken)).toEqual([])
    expect(await endedSession(session.id)).toMatchObject({ type: 'session.ended' })
  })

  it('end all together with logoutAll, and nobody else’s with them', async () => {
    const { newcomer, refresh } = visitor(auth)
    const [ada, bob] = [await newcomer(), await newcomer()]
    const [one, two, other] = [await ada.signIn(), await ada.signIn(), await bob.signIn()]

    expect((await auth.ask('mutation { logoutAll }', {}, one.accessToken)).data).toEqual({ logoutAll: 2 })

    expect(codes(await refresh(two.refreshToken))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(codes(await refresh(other.refreshToken))).toEqual([])
  })

  it('are revoked one by one by their owner only', async () => {
    const { newcomer, refresh } = visitor(auth)
    const { signIn } = await newcomer()
    const [here, there, stranger] = [await signIn(), await signIn(), await (await newcomer()).signIn()]
    const revoke = (id: string, token: string) =>
      auth.ask('mutation ($id: ID!) { revokeSession(id: $id) { id current } }', { id }, token)

    expect(codes(await revoke(there.session.id, stranger.accessToken))).toEqual(['RES_NOT_FOUND'])
    expect(codes(await revoke(crypto.randomUUID(), here.accessToken))).toEqual(['RES_NOT_FOUND'])
    expect(codes(await revoke("' OR 1=1 --", here.accessToken))).toEqual(['RES_NOT_FOUND'])
    const revoked = await revoke(there.session.id, here.accessToken)

    expect(revoked.data).toEqual({ revokeSession: { id: there.session.id, current: false } })
    expect(codes(await revoke(there.session.id, here.accessToken))).toEqual(['RES_NOT_FOUND'])
    expect(codes(await refresh(there.refreshToken))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(await mySessions(here.accessToken)).toEqual([{ id: here.session.id, current: true }])
  })

  it('are at most ten a person: one more ends the one seen least recently', async () => {
    const { newcomer, refresh } = visitor(auth)
    const { signIn } = await newcomer()
    const opened = []
    for (let n = 0; n < 10; n++) {
      auth.weather.aheadMs = n * SECOND
      opened.push(await signIn())
    }
    const [first, second] = opened
    auth.weather.aheadMs = 60 * SECOND // what is seen is noted to the minute
    await refresh(first?.refreshToken ?? '')

    const eleventh = await signIn()

    const left = (await mySessions(eleventh.accessToken)).map(({ id }) => id)
    expect(left).toHaveLength(10)
    expect(left).toContain(first?.session.id)
    expect(left).not.toContain(second?.session.id)
    expect(await endedSession(second?.session.id ?? '')).toMatchObject({ type: 'session.ended' })
  })

  it('stay at ten when many sign in at once', async () => {
    const { signIn } = await visitor(auth).newcomer()

    const { accessToken } = await signIn()
    for (let n = 0; n < 7; n++) await signIn()

    await Promise.all(Array.from({ length: 5 }, signIn))

    expect(await mySessions(accessToken)).toHaveLength(10)
  })
})

describe('access tokens', () => {
  it('are verified by the public keys at the well-known address', async () => {
    const response = await fetch(`http://127.0.0.1:${auth.port}/.well-known/jwks.json`)

    expect(response.headers.get('content-type')).toMatch(/^application\/jwk-set\+json/)
    expect(response.headers.get('cache-control')).toBe('public, max-age=300')
    const publicKey = {
      kty: 'OKP',
      crv: 'Ed25519',
      x: expect.any(String),
      kid: expect.any(String),
      alg: 'EdDSA',
      use: 'sig',
    }
    expect(await response.json()).toEqual({ keys: [publicKey, publicKey] }) // the one that signs, and the next
  })

  it('give a user the permissions of the role', async () => {
    const { accessToken } = await (await visitor(auth).newcomer()).signIn()

    expect((await auth.ask('{ myPermissions }', {}, accessToken)).data).toEqual({
      myPermissions: [
        ...['ai:analyze', 'ai:generate', 'biometric:delete', 'biometric:enroll', 'biometric:read', 'biometric:verify'],
        ...['content:delete', 'content:read', 'content:write', 'user:read'],
      ],
    })
  })

  it.each(['{ mySessions { id } }', '{ myPermissions }', 'mutation { logout }', 'mutation { logoutAll }'])(
    'are needed for %s, and a forged or malformed one is none',
    async (operation) => {
      const forged = await (await createTestIssuer()).token()

      expect(codes(await auth.ask(operation))).toEqual(['AUTH_TOKEN_INVALID'])
      expect(codes(await auth.ask(operation, {}, forged))).toEqual(['AUTH_TOKEN_INVALID'])
      expect(codes(await auth.ask(operation, {}, 'a.b.c'))).toEqual(['AUTH_TOKEN_INVALID'])
    },
  )

  it('expire', async () => {
    auth.weather.aheadMs = -1_000 * SECOND
    const { accessToken } = await (await visitor(auth).newcomer()).signIn()

    expect(codes(await auth.ask('{ myPermissions }', {}, accessToken))).toEqual(['AUTH_TOKEN_EXPIRED'])
  })
})

describe('entities', () => {
  it('show the private side of a user to that user only', async () => {
    const { newcomer } = visitor(auth)
    const [ada, bob] = [await (await newcomer()).signIn(), await (await newcomer()).signIn()]
    const reference = { __typename: 'User', id: ada.user.id }
    const publicSide = { id: ada.user.id, createdAt: ada.user.createdAt, email: null, role: null, lastLoginAt: null }

    expect(await entities([reference], ada.accessToken)).toEqual([{ ...ada.user }])
    expect(await entities([reference], bob.accessToken)).toEqual([publicSide])
    expect(await entities([reference])).toEqual([publicSide])
  })

  it('show it to who manages users', async () => {
    const { newcomer } = visitor(auth)
    const [ada, root] = [await (await newcomer()).signIn(), await newcomer()]
    await rows("UPDATE auth.accounts SET role = 'admin' WHERE email_key = $1", [root.email])

    expect(await entities([{ __typename: 'User', id: ada.user.id }], (await root.signIn()).accessToken)).toEqual([
      ada.user,
    ])
  })

  it('of sessions are the principal’s own', async () => {
    const { newcomer } = visitor(auth)
    const [ada, bob] = [await (await newcomer()).signIn(), await (await newcomer()).signIn()]
    const reference = { __typename: 'Session', id: ada.session.id }

    expect(await entities([reference], ada.accessToken)).toEqual([
      { id: ada.session.id, current: true, userAgent: 'node' },
    ])
    expect(await entities([reference], bob.accessToken)).toEqual([null])
    expect(await entities([reference])).toEqual([null])
  })

  it('that are not there, or could not be, are null', async () => {
    const { accessToken } = await (await visitor(auth).newcomer()).signIn()
    const ids = [crypto.randomUUID(), 'nobody', '']
    const references = ['User', 'Session'].flatMap((__typename) => ids.map((id) => ({ __typename, id })))

    expect(await entities(references, accessToken)).toEqual(references.map(() => null))
  })

  it('of fifty users take one statement', async () => {
    const { newcomer } = visitor(auth)
    const { user, accessToken } = await (await newcomer()).signIn()
    const references = Array.from({ length: 50 }, (_, n) => ({
      __typename: 'User',
      id: n === 7 ? user.id : crypto.randomUUID(),
    }))
    const sent = jest.spyOn(pg.Client.prototype, 'query')
    try {
      const found = await entities(references, accessToken)

      expect(found.filter((entity) => entity !== null)).toEqual([user])
      const statements = sent.mock.calls.map(([statement]) => JSON.stringify(statement))
      expect(statements.filter((statement) => statement.includes('accounts'))).toHaveLength(1)
    } finally {
      sent.mockRestore()
    }
  })
})
