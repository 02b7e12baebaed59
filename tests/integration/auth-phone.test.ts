import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { decodeJwt } from 'jose'
import { Secret, TOTP } from 'otpauth'
import { z } from 'zod'
import { codes, password, rowsOf, signInOf, startAuth, visitor, type StartedAuth } from '../support/start-auth.js'
import type { Answer } from '../support/start-subgraph.js'
import { until } from '../support/until.js'

let auth: StartedAuth
beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth.close())

const MINUTE_MS = 60_000
const PAIR = `accessToken expiresIn refreshToken refreshTokenExpiresAt
  session { id current userAgent ipAddress createdAt lastSeenAt expiresAt }
  user { id email role lastLoginAt createdAt }`

let numbers = 0
/** A mobile number of Ofcom's range for drama, or beside it, that no other test has. */
const newNumber = () => `+4474001${String((numbers += 1)).padStart(5, '0')}`

const ahead = (ms: number) => void (auth.weather.aheadMs += ms)
const register = (token: string, number: string) =>
  auth.ask(
    'mutation ($number: String!) { sent: registerPhone(number: $number) { number expiresAt resendAt } }',
    { number },
    token,
  )
const verify = (token: string, code: string) =>
  auth.ask('mutation ($code: String!) { phone: verifyPhone(code: $code) { number recoveryCodes } }', { code }, token)
const remove = (token: string) => auth.ask('mutation { removePhone }', {}, token)
const state = async (token: string) =>
  (await auth.ask('{ mySecondFactors { phone totp recoveryCodesLeft } }', {}, token)).data?.['mySecondFactors']
const begin = async (email: string) => {
  const query = `mutation ($input: LoginInput!) { login(input: $input) { ... on MfaChallenge { challengeToken methods } } }`
  const { data } = await auth.ask(query, { input: { email, password } })
  return z.object({ login: z.object({ challengeToken: z.string(), methods: z.array(z.string()) }) }).parse(data).login
}
const send = (challengeToken: string | null, token?: string) =>
  auth.ask(
    'mutation ($token: String) { sent: sendPhoneCode(challengeToken: $token) { number expiresAt resendAt } }',
    { token: challengeToken },
    token,
  )
const complete = (challengeToken: string, code: string) =>
  auth.ask(`mutation ($input: VerifyMfaInput!) { login: verifyMfa(input: $input) { ${PAIR} } }`, {
    input: { challengeToken, code },
  })
const reauthenticate = (token: string, code?: string) =>
  auth.ask(
    'mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) { accessToken } }',
    { input: { password, code } },
    token,
  )

const kept = z.object({ developmentMails: z.array(z.object({ text: z.string() })) })
async function messagesTo(number: string): Promise<string[]> {
  const { data } = await auth.ask('query ($to: String!) { developmentMails(to: $to) { text } }', { to: number })
  return kept.parse(data).developmentMails.map(({ text }) => text)
}

/** The code of the newest of so many messages to a number. */
async function codeTo(number: string, messages = 1): Promise<string> {
  await until(async () => (await messagesTo(number)).length === messages)
  return /^(\d{6}) is your/.exec((await messagesTo(number))[0] ?? '')?.[1] ?? 'none'
}

const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')
const recoveryOf = ({ data }: Answer) =>
  z.object({ phone: z.object({ recoveryCodes: z.array(z.string()).nullable() }) }).parse(data).phone.recoveryCodes

const freshIn = ({ data }: Answer) =>
  z.object({ reauthenticate: z.object({ accessToken: z.string() }) }).parse(data).reauthenticate.accessToken

/** Somebody with a phone, signed in before it was added. */
async function withPhone() {
  const { email, signIn } = await visitor(auth).newcomer()
  const { accessToken, user } = await signIn()
  const number = newNumber()
  await register(accessToken, number)
  const recovery = recoveryOf(await verify(accessToken, await codeTo(number)))
  return { email, accessToken, number, recovery, userId: user.id }
}

describe('a phone', () => {
  it('is added by the code sent to it, protects nothing before, and comes with recovery codes', async () => {
    const { signIn } = await visitor(auth).newcomer()
    const { accessToken } = await signIn()
    const number = newNumber()
    const { data } = await register(accessToken, `${number.slice(0, 3)} ${number.slice(3, 7)} ${number.slice(7)}`)
    const hidden = `+44••••••••${number.slice(-2)}`
    expect(data?.['sent']).toMatchObject({ number: hidden })
    expect(await state(accessToken)).toMatchObject({ phone: null })
    expect(signInOf(await visitor(auth).login((await signIn()).user.email ?? '')).accessToken).toBeTruthy()

    const added = await verify(accessToken, await codeTo(number))

    expect(added.data?.['phone']).toMatchObject({ number: hidden })
    expect(recoveryOf(added)).toHaveLength(10)
    expect(await state(accessToken)).toEqual({ phone: hidden, totp: false, recoveryCodesLeft: 10 })
  })

  it('is asked for at signing in; the tokens say sms, and it lifts nobody to aal2', async () => {
    const { email, number } = await withPhone()
    const { challengeToken, methods } = await begin(email)
    expect(methods).toEqual(['SMS', 'RECOVERY_CODE'])
    await send(challengeToken)

    const pair = signInOf(await complete(challengeToken, await codeTo(number, 2)))

    expect(decodeJwt(pair.accessToken)).toMatchObject({ amr: ['pwd', 'sms', 'mfa'], acr: 'aal1' })
    const needsBoth = await auth.ask('mutation { renewRecoveryCodes { codes } }', {}, pair.accessToken)
    expect(codes(needsBoth)).toEqual(['AUTH_STEP_UP_REQUIRED'])
    const refreshed = signInOf(await visitor(auth).refresh(pair.refreshToken))
    expect(decodeJwt(refreshed.accessToken)).toMatchObject({ amr: ['pwd', 'sms', 'mfa'], acr: 'aal1' })
  })

  it('is replaced by a recovery code, which counts as more', async () => {
    const { email, recovery } = await withPhone()
    const { challengeToken } = await begin(email)
    const pair = signInOf(await complete(challengeToken, recovery?.[0] ?? ''))
    expect(decodeJwt(pair.accessToken)).toMatchObject({ acr: 'aal2' })
  })

  it('takes no codes any more once there is an authenticator app', async () => {
    const { email, number, accessToken: older, recovery } = await withPhone()
    const accessToken = freshIn(await reauthenticate(older, recovery?.[0]))
    const before = await begin(email)
    await send(before.challengeToken)
    const code = await codeTo(number, 2)
    const { data } = await auth.ask('mutation { enrollMfa { secret } }', {}, accessToken)
    const { secret } = z.object({ enrollMfa: z.object({ secret: z.string() }) }).parse(data).enrollMfa
    const shown = new TOTP({ secret: Secret.fromBase32(secret) }).generate({
      timestamp: Date.now() + auth.weather.aheadMs,
    })
    await auth.ask('mutation ($code: String!) { confirmMfa(code: $code) { codes } }', { code: shown }, accessToken)

    expect((await begin(email)).methods).toEqual(['TOTP', 'RECOVERY_CODE'])
    expect(codes(await complete(before.challengeToken, code))).toEqual(['AUTH_MFA_INVALID'])
    expect(codes(await send(before.challengeToken))).toEqual(['RES_NOT_FOUND'])
    expect(codes(await register(older, newNumber()))).toEqual(['AUTH_STEP_UP_REQUIRED'])
  })

  it('is proved before anything is added or taken away, also in a session that is older than it', async () => {
    const { accessToken, number } = await withPhone()
    const enrol = (token: string) => auth.ask('mutation { enrollMfa { secret } }', {}, token)
    for (const attempt of [enrol, remove, (token: string) => register(token, newNumber())]) {
      const { errors } = await attempt(accessToken)
      expect(errors.map(({ extensions }) => extensions)).toMatchObject([
        { code: 'AUTH_STEP_UP_REQUIRED', details: [{ reason: 'aal1' }, { reason: '300' }] },
      ])
    }
    await send(null, accessToken)
    const fresh = freshIn(await reauthenticate(accessToken, await codeTo(number, 2)))
    expect(codes(await enrol(fresh))).toEqual([])
    expect(codes(await remove(fresh))).toEqual([])
  })

  it('is guessed at, when it is added, in the same tries as the password', async () => {
    const { email, signIn } = await visitor(auth).newcomer()
    const { accessToken } = await signIn()
    const number = newNumber()
    await register(accessToken, number)
    const code = await codeTo(number)
    for (let tries = 0; tries < 5; tries += 1)
      expect(codes(await verify(accessToken, wrong(code)))).toEqual(['AUTH_MFA_INVALID'])
    expect(codes(await visitor(auth).login(email))).toEqual(['AUTH_INVALID_CREDENTIALS'])
  })

  it('proves anew, in a session, who one is', async () => {
    const { email, number, recovery } = await withPhone()
    const present = auth.weather.aheadMs
    auth.weather.aheadMs = -6 * MINUTE_MS // permissions go by the machine's clock
    const { accessToken } = signInOf(await complete((await begin(email)).challengeToken, recovery?.[0] ?? ''))
    auth.weather.aheadMs = present
    expect(codes(await remove(accessToken))).toEqual(['AUTH_STEP_UP_REQUIRED'])
    expect(codes(await reauthenticate(accessToken))).toEqual(['AUTH_MFA_REQUIRED'])
    await send(null, accessToken)
    const fresh = freshIn(await reauthenticate(accessToken, await codeTo(number, 2)))
    expect(decodeJwt(fresh)).toMatchObject({ amr: ['pwd', 'sms', 'mfa'], acr: 'aal1' })

    expect((await remove(fresh)).data).toEqual({ removePhone: true })

    expect(await state(fresh)).toEqual({ phone: null, totp: false, recoveryCodesLeft: 0 })
    expect(codes(await remove(fresh))).toEqual(['RES_NOT_FOUND'])
  })

  it('is changed by a code sent to the new one; the old one holds until then, and gets nothing afterwards', async () => {
    const { email, accessToken: older, number, recovery } = await withPhone()
    const accessToken = freshIn(await reauthenticate(older, recovery?.[0]))
    const next = newNumber()
    ahead(MINUTE_MS)
    await register(accessToken, next)
    const { challengeToken } = await begin(email)
    await send(challengeToken)
    const toOld = await codeTo(number, 2)

    expect(recoveryOf(await verify(accessToken, await codeTo(next)))).toBeNull()

    expect(codes(await complete(challengeToken, toOld))).toEqual(['AUTH_MFA_INVALID'])
    ahead(MINUTE_MS)
    await send(challengeToken)
    expect(signInOf(await complete(challengeToken, await codeTo(next, 2))).user.email).toBe(email)
    expect(await messagesTo(number)).toHaveLength(2)
  })

  it('is told to its owner by mail, and to the audit log without its number', async () => {
    const { email, accessToken, number } = await withPhone()
    await until(async () => (await messagesTo(email)).some((text) => text.includes('codes for signing in')))
    const log = await auth.ask('{ myAuditLog { edges { node { action details } } } }', {}, accessToken)
    const text = JSON.stringify(log.data)
    expect(text).toContain('phone.added')
    expect(text).not.toContain(number)
  })

  it.each([
    ['no number', 'hello', 'VAL_VALIDATION_FAILED'],
    ['a national one', '07400 123456', 'VAL_VALIDATION_FAILED'],
    ['one nobody can have', '+44 7400 12', 'VAL_VALIDATION_FAILED'],
    ['one of premium rate', '+44 909 879 0123', 'VAL_VALIDATION_FAILED'],
    ['a line in a wall', '+44 20 8366 1177', 'VAL_VALIDATION_FAILED'],
  ])('is not %s', async (_what, number, code) => {
    const { accessToken } = await (await visitor(auth).newcomer()).signIn()
    expect(codes(await register(accessToken, number))).toEqual([code])
    expect(await rowsOf(auth, 'SELECT 1 FROM auth.sms_codes WHERE number = $1', [number])).toEqual([])
  })

  it('may be that of several accounts: nobody learns from it who else has one', async () => {
    const { number } = await withPhone()
    const { accessToken } = await (await visitor(auth).newcomer()).signIn()
    ahead(MINUTE_MS)
    await register(accessToken, number)
    expect(recoveryOf(await verify(accessToken, await codeTo(number, 2)))).toHaveLength(10)
  })
})

describe('a code by text message', () => {
  it('works once, and of two at once for one of them', async () => {
    const { email, number } = await withPhone()
    const [one, other] = [await begin(email), await begin(email)]
    await send(one.challengeToken)
    const code = await codeTo(number, 2)
    const answers = await Promise.all([complete(one.challengeToken, code), complete(other.challengeToken, code)])
    expect(answers.flatMap(codes)).toEqual(['AUTH_MFA_INVALID'])
  })

  it('is over after five minutes', async () => {
    const { email, number } = await withPhone()
    const { challengeToken } = await begin(email)
    await send(challengeToken)
    const code = await codeTo(number, 2)
    ahead(4 * MINUTE_MS)
    const later = await begin(email)
    ahead(MINUTE_MS)
    expect(codes(await complete(later.challengeToken, code))).toEqual(['AUTH_MFA_INVALID'])
  })

  it('is over after five tries, also many at once', async () => {
    const { accessToken } = await (await visitor(auth).newcomer()).signIn()
    const number = newNumber()
    await register(accessToken, number)
    const code = await codeTo(number)
    const answers = await Promise.all(Array.from({ length: 20 }, () => verify(accessToken, wrong(code))))
    expect(answers.flatMap(codes)).toEqual(Array.from({ length: 20 }, () => 'AUTH_MFA_INVALID'))
    expect(codes(await verify(accessToken, code))).toEqual(['AUTH_MFA_INVALID'])
    expect(await rowsOf(auth, 'SELECT tries FROM auth.sms_codes WHERE number = $1', [number])).toEqual([{ tries: 5 }])
  })

  it('shares its tries with the password', async () => {
    const { email, number } = await withPhone()
    const { challengeToken } = await begin(email)
    await send(challengeToken)
    const code = await codeTo(number, 2)
    for (let tries = 0; tries < 5; tries += 1) await visitor(auth).login(email, 'not the password')
    expect(codes(await complete(challengeToken, code))).toEqual(['AUTH_MFA_INVALID'])
  })

  it('is sent again after a minute, not before, and then the earlier one is over', async () => {
    const { accessToken } = await (await visitor(auth).newcomer()).signIn()
    const number = newNumber()
    await register(accessToken, number)
    const first = await codeTo(number)
    const early = await register(accessToken, number)
    expect(codes(early)).toEqual(['RATE_LIMIT_EXCEEDED'])
    expect(z.object({ retryAfter: z.int().min(1).max(60) }).safeParse(early.errors[0]?.extensions).success).toBe(true)
    ahead(MINUTE_MS)
    await register(accessToken, number)
    const second = await codeTo(number, 2)
    expect(codes(await verify(accessToken, first))).toEqual(['AUTH_MFA_INVALID'])
    expect(recoveryOf(await verify(accessToken, second))).toHaveLength(10)
  })

  it('is asked for twenty times at once and sent once', async () => {
    const { accessToken } = await (await visitor(auth).newcomer()).signIn()
    const number = newNumber()
    const answers = await Promise.all(Array.from({ length: 20 }, () => register(accessToken, number)))
    expect(answers.filter(({ errors }) => errors.length === 0)).toHaveLength(1)
    expect(await rowsOf(auth, 'SELECT 1 FROM auth.sms_codes WHERE number = $1', [number])).toHaveLength(1)
  })

  it('is sent to nobody without the challenge of a right password, or a session', async () => {
    expect(codes(await send('x'.repeat(43)))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(codes(await send(null))).toHaveLength(1)
    const { accessToken } = await (await visitor(auth).newcomer()).signIn()
    expect(codes(await send(null, accessToken))).toEqual(['RES_NOT_FOUND'])
  })

  it('stands in no table', async () => {
    const { number } = await withPhone()
    const code = await codeTo(number)
    const rows = await rowsOf(auth, 'SELECT * FROM auth.sms_codes WHERE number = $1', [number])
    expect(rows).toHaveLength(1)
    const {
      id: _id,
      created_at: _created,
      expires_at: _expires,
      used_at: _used,
      account_id: _account,
      registration_id: _registration,
      network: _network,
      ...rest
    } = rows[0]
    expect(JSON.stringify(rest)).not.toContain(code)
    expect(Object.keys(rest).sort()).toEqual(['attempts', 'due_at', 'ip_address', 'number', 'purpose', 'tries'])
  })
})
