import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Follower } from '../../platform/bus/bus.js'
import { createLogger } from '../../platform/log/logger.js'
import {
  codes,
  password,
  receiptOf,
  rowsOf,
  signInOf,
  startAuth,
  visitor,
  type StartedAuth,
} from '../support/start-auth.js'

let auth: StartedAuth
const logged: string[] = []

beforeAll(async () => {
  const destination = { write: (line: string) => void logged.push(line) }
  auth = await startAuth({ logger: createLogger({ service: 'tests', level: 'trace', destination }) })
})

afterAll(() => auth.close())

const newEmail = () => `person-${crypto.randomUUID()}@example.com`

const rows = (sql: string, values: unknown[] = []) => rowsOf(auth, sql, values)

async function nextAbout(follower: Follower, text: string) {
  for await (const { envelope } of follower) if (JSON.stringify(envelope).includes(text)) return envelope
  throw new Error('The log ended.')
}

describe('registration', () => {
  it('opens an account that can sign in, and tells the other services a name and no address', async () => {
    const { register, login } = visitor(auth)
    const follower = await auth.engines.bus.follow('events.user.registered', 'new')
    const unique = crypto.randomUUID()

    const receipt = receiptOf(await register({ email: `  Ada.${unique}@Example.COM `, name: ' Ada Lovelace ' }))

    expect(receipt.email).toBe(`Ada.${unique}@example.com`)
    const { user } = signInOf(await login(`ada.${unique}@EXAMPLE.com`))
    expect(user).toMatchObject({ email: `Ada.${unique}@example.com`, role: 'USER' })
    const event = await nextAbout(follower, user.id)
    expect(event).toMatchObject({ type: 'user.registered', data: { userId: user.id, displayName: 'Ada Lovelace' } })
    expect(JSON.stringify(event).toLowerCase()).not.toContain('example.com')
  })

  it('answers for a taken address as for a new one, and leaves the account as it is', async () => {
    const { register, login } = visitor(auth)
    const email = newEmail()
    const first = receiptOf(await register({ email }))
    const second = receiptOf(await register({ email, password: 'another gravel teapot', name: 'Eve' }))
    const third = receiptOf(await register({ email: email.toUpperCase() }))

    expect(second).toEqual(first)
    expect(third.message).toBe(first.message)
    expect(codes(await login(email))).toEqual([])
    expect(codes(await login(email, 'another gravel teapot'))).toEqual(['AUTH_INVALID_CREDENTIALS'])
  })

  it('makes one account of many registrations at once', async () => {
    const { register } = visitor(auth)
    const email = newEmail()

    const answers = await Promise.all(Array.from({ length: 8 }, () => register({ email })))

    expect(answers.flatMap(codes)).toEqual([])
    expect(await rows('SELECT id FROM auth.accounts WHERE email_key = $1', [email])).toHaveLength(1)
  })

  it.each([
    [{ email: 'nobody' }, 'VAL_INVALID_FORMAT', 'input.email'],
    [{ email: `${'a'.repeat(250)}@example.com` }, 'VAL_FIELD_TOO_LONG', 'input.email'],
    [{ password: 'short' }, 'VAL_FIELD_TOO_SHORT', 'input.password'],
    [{ password: 'x'.repeat(129) }, 'VAL_FIELD_TOO_LONG', 'input.password'],
    [{ password: 'Password1234' }, 'VAL_VALIDATION_FAILED', 'input.password'],
    [{ password: 'graceunhoppered', name: 'Grace Unhoppered' }, 'VAL_VALIDATION_FAILED', 'input.password'],
    [{ name: ' A ' }, 'VAL_FIELD_TOO_SHORT', 'input.name'],
    [{ name: 'Ada\u202egnp.exe' }, 'VAL_VALIDATION_FAILED', 'input.name'],
    [{ name: '\ud800abc' }, 'VAL_VALIDATION_FAILED', 'input.name'],
    [{ password: 'winding gravel \udc00' }, 'VAL_VALIDATION_FAILED', 'input.password'],
  ])('refuses %j with %s, and opens nothing', async (input, code, field) => {
    const email = newEmail()

    const { errors } = await visitor(auth).register({ email, ...input })

    expect(errors.map(({ extensions }) => extensions)).toMatchObject([{ code, details: [{ field }] }])
    expect(await rows('SELECT id FROM auth.accounts WHERE email_key = $1', [email])).toEqual([])
  })

  it('goes on while the bus is away, and tells of it when the bus is back', async () => {
    const follower = await auth.engines.bus.follow('events.user.registered', 'new')
    auth.weather.busIsAway = true
    const { signIn } = await visitor(auth).newcomer()
    const { user } = await signIn()

    auth.weather.busIsAway = false

    expect(await nextAbout(follower, user.id)).toMatchObject({ type: 'user.registered' })
  })
})

describe('signing in', () => {
  it('gives a pair of tokens for a session of its own', async () => {
    const { signIn } = await visitor(auth).newcomer()
    const before = Date.now()

    const { accessToken, expiresIn, refreshToken, refreshTokenExpiresAt, session, user } = await signIn()

    expect(expiresIn).toBe(900)
    expect(refreshToken).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(Date.parse(refreshTokenExpiresAt) - before).toBeGreaterThanOrEqual(7 * 86_400_000)
    expect(session).toMatchObject({ current: true, userAgent: 'node', ipAddress: '127.0.0.1' })
    expect(Date.parse(user.lastLoginAt ?? '')).toBeGreaterThanOrEqual(before)
    const principal = await auth.verifier.verify(accessToken)
    expect(principal).toMatchObject({ userId: user.id, sessionId: session.id, roles: ['user'] })
    const event = await nextAbout(await auth.engines.bus.follow('events.session.created', 'all'), session.id)
    expect(event).toMatchObject({ data: { sessionId: session.id, userId: user.id }, actorId: user.id })
  })

  it('answers an unknown address as a wrong password', async () => {
    const { login, newcomer } = visitor(auth)
    const { email } = await newcomer()

    const [wrong] = (await login(email, 'something else entirely')).errors
    const [unknown] = (await login(newEmail())).errors

    expect(wrong).toMatchObject({ extensions: { code: 'AUTH_INVALID_CREDENTIALS' } })
    expect(unknown).toEqual(wrong)
  })

  it('is locked after five failures, the right password too, and answers as before', async () => {
    const { login, newcomer } = visitor(auth)
    const [target, bystander] = [await newcomer(), await newcomer()]
    const failures = await Promise.all(Array.from({ length: 5 }, () => login(target.email, 'something else entirely')))

    const locked = await login(target.email)

    expect(codes(locked)).toEqual(['AUTH_INVALID_CREDENTIALS'])
    expect(locked.errors[0]?.message).toBe(failures[0]?.errors[0]?.message)
    expect(codes(await login(target.email.toUpperCase()))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    expect(codes(await login(bystander.email))).toEqual([])
  })

  it('forgets failures when it succeeds', async () => {
    const { login, newcomer } = visitor(auth)
    const { email } = await newcomer()
    for (let round = 0; round < 2; round++) {
      for (let failure = 0; failure < 4; failure++) await login(email, 'something else entirely')
      expect(codes(await login(email))).toEqual([])
    }
  })

  it('stops at the first failure of many tries in one request', async () => {
    const { newcomer } = visitor(auth)
    const { email } = await newcomer()
    const { ask } = auth
    const right = { email, password }
    const wrong = { email, password: 'something else entirely' }

    const answer = await ask(
      `mutation ($wrong: LoginInput!, $right: LoginInput!) {
        one: login(input: $wrong) { __typename } two: login(input: $right) { __typename }
      }`,
      { wrong, right },
    )

    expect(answer.data).toBeNull()
    expect(codes(answer)).toEqual(['AUTH_INVALID_CREDENTIALS'])
    expect(
      await rows('SELECT s.id FROM auth.sessions s JOIN auth.accounts a ON a.id = account_id WHERE email_key = $1', [
        email,
      ]),
    ).toEqual([])
  })

  it('works, and locks, while the cache is away', async () => {
    const { login, newcomer } = visitor(auth)
    const { email } = await newcomer()
    auth.weather.cacheIsAway = true
    try {
      expect(codes(await login(email))).toEqual([])
      for (let failure = 0; failure < 5; failure++) await login(email, 'something else entirely')
      expect(codes(await login(email))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    } finally {
      auth.weather.cacheIsAway = false
    }
  })

  it('renews a hash that was made with other parameters', async () => {
    const { login, newcomer } = visitor(auth)
    const { email } = await newcomer()
    const stored = async () => (await rows('SELECT password_hash FROM auth.accounts WHERE email_key = $1', [email]))[0]
    const before = await stored()
    await auth.stop()
    auth.weather.argon2Iterations = 2
    await auth.start()

    expect(codes(await login(email))).toEqual([])

    expect(before.password_hash).toContain('t=1')
    expect((await stored()).password_hash).toContain('t=2')
    expect(codes(await login(email))).toEqual([])
  })
})

describe('secrets', () => {
  it('are neither stored nor logged', async () => {
    const { signIn } = await visitor(auth).newcomer()
    const { refreshToken, accessToken } = await signIn()

    const tables = ['accounts', 'sessions', 'refresh_tokens', 'outbox_events']
    const stored = JSON.stringify(await Promise.all(tables.map((table) => rows(`SELECT t::text FROM auth.${table} t`))))

    expect(stored).toContain('argon2id')
    for (const secret of [password, refreshToken, Buffer.from(refreshToken).toString('hex'), accessToken]) {
      expect(stored).not.toContain(secret)
      expect(logged.join('')).not.toContain(secret)
    }
  })
})
