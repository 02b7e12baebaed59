import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { decodeJwt } from 'jose'
import { Secret, TOTP } from 'otpauth'
import { z } from 'zod'
import { codes, password, rowsOf, signInOf, startAuth, visitor, type StartedAuth } from '../support/start-auth.js'
import type { Answer } from '../support/start-subgraph.js'

let auth: StartedAuth
beforeAll(async () => {
  auth = await startAuth({ passkeyOrigins: ['http://localhost:3000'] })
})
afterAll(() => auth.close())

const STEP_MS = 30_000

const CHALLENGE = `mutation ($input: LoginInput!) { login(input: $input) {
  __typename ... on MfaChallenge { challengeToken expiresAt methods } } }`
const PAIR = `accessToken expiresIn refreshToken refreshTokenExpiresAt
  session { id current userAgent ipAddress createdAt lastSeenAt expiresAt }
  user { id email role lastLoginAt createdAt }`

const challenged = z.object({
  login: z.object({ challengeToken: z.string(), expiresAt: z.iso.datetime(), methods: z.array(z.string()) }),
})
const enrolled = z.object({ enrollMfa: z.object({ secret: z.string(), uri: z.string() }) })
const told = z.object({ codes: z.array(z.string()) })

const begin = (email: string, tried = password) => auth.ask(CHALLENGE, { input: { email, password: tried } })
const complete = (challengeToken: string, code: string) =>
  auth.ask(`mutation ($input: VerifyMfaInput!) { login: verifyMfa(input: $input) { ${PAIR} } }`, {
    input: { challengeToken, code },
  })
const reauthenticate = (token: string, code?: string, tried = password) =>
  auth.ask(
    'mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) { accessToken expiresIn } }',
    { input: { password: tried, code } },
    token,
  )
const propose = (token: string) => auth.ask('mutation { enrollMfa { secret uri } }', {}, token)
const confirm = (token: string, code: string) =>
  auth.ask('mutation ($code: String!) { told: confirmMfa(code: $code) { codes } }', { code }, token)
const state = (token: string) => auth.ask('{ mySecondFactors { totp recoveryCodesLeft } }', {}, token)

const challengeOf = ({ data }: Answer) => challenged.parse(data).login
const secretOf = ({ data }: Answer) => enrolled.parse(data).enrollMfa.secret
const codesOf = ({ data }: Answer) => told.parse(data?.['told']).codes
const accessTokenOf = ({ data }: Answer) =>
  z.object({ reauthenticate: z.object({ accessToken: z.string() }) }).parse(data).reauthenticate.accessToken

/** What the app shows: by auth's clock, so many steps from now. */
function shown(secret: string, steps = 0): string {
  const timestamp = Date.now() + auth.weather.aheadMs + steps * STEP_MS
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp })
}

/** Each code works once: the next one comes with the next step. */
const nextStep = () => void (auth.weather.aheadMs += STEP_MS)

/** Somebody with an authenticator app, signed in before it was added. */
async function withApp() {
  const { email, signIn } = await visitor(auth).newcomer()
  const { accessToken, refreshToken, user } = await signIn()
  const secret = secretOf(await propose(accessToken))
  const recovery = codesOf(await confirm(accessToken, shown(secret)))
  nextStep()
  return { email, accessToken, refreshToken, secret, recovery, userId: user.id }
}

describe('an authenticator app', () => {
  it('is asked for at signing in once it is confirmed, and the tokens say so, refreshed ones too', async () => {
    const { email, secret } = await withApp()

    const { challengeToken, methods } = challengeOf(await begin(email))
    const pair = signInOf(await complete(challengeToken, shown(secret)))

    expect(methods).toEqual(['TOTP', 'RECOVERY_CODE'])
    const claims = { amr: ['pwd', 'otp', 'mfa'], acr: 'aal2' }
    expect(decodeJwt(pair.accessToken)).toMatchObject(claims)
    const refreshed = signInOf(await visitor(auth).refresh(pair.refreshToken))
    const { auth_time: at } = decodeJwt(pair.accessToken)
    expect(decodeJwt(refreshed.accessToken)).toMatchObject({ ...claims, auth_time: at })
  })

  it('protects nothing before it is confirmed, nor with a wrong code', async () => {
    const { email, signIn } = await visitor(auth).newcomer()
    const { accessToken } = await signIn()
    const secret = secretOf(await propose(accessToken))
    expect(codes(await confirm(accessToken, shown(secret, 5)))).toEqual(['AUTH_MFA_INVALID'])
    expect((await begin(email)).data).toEqual({ login: { __typename: 'AuthPayload' } })
    expect((await state(accessToken)).data).toEqual({ mySecondFactors: { totp: false, recoveryCodesLeft: 0 } })
  })

  it('can be proposed anew until it is confirmed, and not after', async () => {
    const { signIn } = await visitor(auth).newcomer()
    const { accessToken } = await signIn()
    const [first, second] = [secretOf(await propose(accessToken)), secretOf(await propose(accessToken))]
    expect(codes(await confirm(accessToken, shown(first)))).toEqual(['AUTH_MFA_INVALID'])
    expect(codesOf(await confirm(accessToken, shown(second)))).toHaveLength(10)
    expect(codes(await propose(accessToken))).toEqual(['RES_ALREADY_EXISTS'])
    expect(codes(await confirm(accessToken, shown(second, 1)))).toEqual(['RES_NOT_FOUND'])
  })

  it('has its secret sealed where it is stored', async () => {
    const { secret, recovery } = await withApp()
    const bytes = Buffer.from(Secret.fromBase32(secret).buffer)
    const rows = await rowsOf(auth, 'SELECT sealed_secret FROM auth.totp_factors')
    const stored = Buffer.concat(rows.map((row: { sealed_secret: Buffer }) => row.sealed_secret))
    expect(stored.includes(bytes)).toBe(false)
    expect(JSON.stringify(await rowsOf(auth, 'SELECT * FROM auth.recovery_codes'))).not.toContain(recovery[0])
  })
})

describe('a code', () => {
  it('of the app is taken once: of two at once one signs in', async () => {
    const { email, secret } = await withApp()
    const challenges = await Promise.all([begin(email), begin(email)].map(async (each) => challengeOf(await each)))
    const code = shown(secret)
    const [first = '', second = ''] = challenges.map(({ challengeToken }) => challengeToken)
    const answers = await Promise.all([complete(first, code), complete(second, code)])
    expect(answers.flatMap(codes)).toEqual(['AUTH_MFA_INVALID'])
    nextStep()
    const again = [...codes(await complete(first, code)), ...codes(await complete(second, code))]
    expect(again.sort()).toEqual(['AUTH_MFA_INVALID', 'AUTH_TOKEN_INVALID']) // the code is used, the other challenge over
  })

  it('of recovery stands in for the app once, however it is typed', async () => {
    const { email, recovery } = await withApp()
    const [code = ''] = recovery
    const typed = code.toUpperCase().replaceAll('-', ' ')
    signInOf(await complete(challengeOf(await begin(email)).challengeToken, typed))
    expect(codes(await complete(challengeOf(await begin(email)).challengeToken, code))).toEqual(['AUTH_MFA_INVALID'])
  })

  it('of recovery is of its own account only', async () => {
    const [ada, bob] = [await withApp(), await withApp()]
    const { challengeToken } = challengeOf(await begin(bob.email))
    expect(codes(await complete(challengeToken, ada.recovery[0] ?? ''))).toEqual(['AUTH_MFA_INVALID'])
  })

  it('is guessed five times in all, passwords included, and right passwords between do not help', async () => {
    const { email } = await withApp()
    for (let guess = 0; guess < 3; guess += 1) {
      const { data } = await begin(email)
      const parsed = challenged.safeParse(data)
      if (parsed.success) await complete(parsed.data.login.challengeToken, '000000')
    }
    expect(codes(await begin(email))).toEqual(['AUTH_INVALID_CREDENTIALS']) // locked, and answered like a wrong password
  })

  it('does not free what was locked: neither the mailbox nor the password is both factors', async () => {
    const { email, accessToken, secret } = await withApp()
    const { challengeToken } = challengeOf(await begin(email))
    await Promise.all(Array.from({ length: 8 }, () => complete(challengeToken, '000000')))
    expect(codes(await complete(challengeToken, shown(secret)))).toEqual(['AUTH_MFA_INVALID'])
    expect(codes(await reauthenticate(accessToken, shown(secret)))).toEqual(['AUTH_INVALID_CREDENTIALS'])
  })
})

describe('a session that has ended', () => {
  it('adds no app, though its token is fresh', async () => {
    const { signIn } = await visitor(auth).newcomer()
    const [thief, owner] = [await signIn(), await signIn()]
    const secret = secretOf(await propose(thief.accessToken))
    await auth.ask('mutation { logoutAll }', {}, owner.accessToken)
    expect(codes(await confirm(thief.accessToken, shown(secret)))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(codes(await propose(thief.accessToken))).toEqual(['AUTH_TOKEN_INVALID'])
  })
})

describe('a session by the password alone, where a second factor was added after it', () => {
  const refused = (answer: Answer) => expect(codes(answer)).toEqual(['AUTH_STEP_UP_REQUIRED'])

  it('adds no other way in before it has proved the factor', async () => {
    const { email, signIn } = await visitor(auth).newcomer()
    const [thief, owner] = [await signIn(), await signIn()]
    const secret = secretOf(await propose(owner.accessToken))
    await confirm(owner.accessToken, shown(secret))
    nextStep()
    const addPasskey = (token: string) => auth.ask('mutation { beginPasskeyRegistration { challenge } }', {}, token)
    refused(await addPasskey(thief.accessToken))
    const reached = signInOf(await complete(challengeOf(await begin(email)).challengeToken, shown(secret)))
    expect(codes(await addPasskey(reached.accessToken))).toEqual([])
  })

  it('adds no app beside a passkey, proposed before or after', async () => {
    const { signIn } = await visitor(auth).newcomer()
    const { accessToken, user } = await signIn()
    const secret = secretOf(await propose(accessToken))
    await rowsOf(
      auth,
      `INSERT INTO auth.passkeys (id, account_id, credential_id, public_key, counter, is_backup_eligible, is_backed_up, name, created_at)
       VALUES ($1::uuid, $1::uuid, decode(replace($1::text, '-', ''), 'hex'), '', 0, false, false, 'phone', now())`,
      [user.id],
    )
    refused(await confirm(accessToken, shown(secret)))
    refused(await propose(accessToken))
  })
})

describe('a challenge', () => {
  it('is over after five minutes, and after it was completed', async () => {
    const { email, secret } = await withApp()
    const old = challengeOf(await begin(email)).challengeToken
    auth.weather.aheadMs += 300_000
    expect(codes(await complete(old, shown(secret)))).toEqual(['AUTH_TOKEN_INVALID'])
    const { challengeToken } = challengeOf(await begin(email))
    signInOf(await complete(challengeToken, shown(secret)))
    nextStep()
    expect(codes(await complete(challengeToken, shown(secret)))).toEqual(['AUTH_TOKEN_INVALID'])
  })

  it('is over when the password is another', async () => {
    const { email, accessToken, secret } = await withApp()
    const { challengeToken } = challengeOf(await begin(email))
    const input = { currentPassword: password, newPassword: 'thistle orbit lantern' }
    await auth.ask('mutation ($input: ChangePasswordInput!) { changePassword(input: $input) }', { input }, accessToken)
    expect(codes(await complete(challengeToken, shown(secret)))).toEqual(['AUTH_TOKEN_INVALID'])
  })

  it('is no access token', async () => {
    const { email } = await withApp()
    expect(codes(await state(challengeOf(await begin(email)).challengeToken))).toEqual(['AUTH_TOKEN_INVALID'])
  })
})

describe('what needs a recent sign-in', () => {
  it('says how recent and how strong, and is done after reauthenticating', async () => {
    const { accessToken, secret } = await withApp() // signed in with the password alone
    const remove = (token: string) => auth.ask('mutation { disableMfa }', {}, token)
    const refused = await remove(accessToken)
    expect(refused.errors[0]?.extensions).toMatchObject({
      code: 'AUTH_STEP_UP_REQUIRED',
      details: [
        { field: 'acr_values', reason: 'aal2' },
        { field: 'max_age', reason: '300' },
      ],
    })

    expect(codes(await reauthenticate(accessToken))).toEqual(['AUTH_MFA_REQUIRED'])
    const fresh = accessTokenOf(await reauthenticate(accessToken, shown(secret)))

    expect((await remove(fresh)).data).toEqual({ disableMfa: true })
    expect((await state(fresh)).data).toEqual({ mySecondFactors: { totp: false, recoveryCodesLeft: 0 } })
  })

  it('is refused six minutes after signing in, until the password is given again', async () => {
    const { signIn } = await visitor(auth).newcomer()
    const ahead = auth.weather.aheadMs
    auth.weather.aheadMs = -360_000
    const { accessToken } = await signIn()
    auth.weather.aheadMs = ahead
    expect(codes(await propose(accessToken))).toEqual(['AUTH_STEP_UP_REQUIRED'])
    expect(codes(await reauthenticate(accessToken, undefined, 'wrong gravel teapot'))).toEqual([
      'AUTH_INVALID_CREDENTIALS',
    ])
    expect(codes(await propose(accessTokenOf(await reauthenticate(accessToken))))).toEqual([])
  })

  it('takes no access token of a session that has ended', async () => {
    const { signIn } = await visitor(auth).newcomer()
    const { accessToken } = await signIn()
    await auth.ask('mutation { logout }', {}, accessToken)
    expect(codes(await reauthenticate(accessToken))).toEqual(['AUTH_TOKEN_INVALID'])
  })

  it('gives new recovery codes in place of the old ones', async () => {
    const { email, accessToken, secret, recovery } = await withApp()
    const fresh = accessTokenOf(await reauthenticate(accessToken, shown(secret)))
    const renewed = codesOf(await auth.ask('mutation { told: renewRecoveryCodes { codes } }', {}, fresh))
    expect(new Set([...renewed, ...recovery]).size).toBe(20)
    const { challengeToken } = challengeOf(await begin(email))
    expect(codes(await complete(challengeToken, recovery[0] ?? ''))).toEqual(['AUTH_MFA_INVALID'])
    expect(codes(await complete(challengeToken, renewed[0] ?? ''))).toEqual([])
  })
})
