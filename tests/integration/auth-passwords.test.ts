import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { codes, password, rowsOf, signInOf, startAuth, visitor, type StartedAuth } from '../support/start-auth.js'
import { until } from '../support/until.js'

let auth: StartedAuth
beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth.close())

const MINUTE = 60_000
const next = 'thistle orbit lantern'

const MAILS = 'query ($to: String!) { developmentMails(to: $to) { subject text sentAt } }'
const mails = z.object({
  developmentMails: z.array(z.object({ subject: z.string(), text: z.string(), sentAt: z.string() })),
})

async function mailsTo(to: string, on = auth) {
  return mails.parse((await on.ask(MAILS, { to })).data).developmentMails
}

/** The newest mail about something, once there are `count` of them. */
async function mailTo(to: string, subject: RegExp, count = 1, on = auth) {
  let newest = ''
  await until(async () => {
    const about = (await mailsTo(to, on)).filter((mail) => subject.test(mail.subject))
    newest = about[0]?.text ?? ''
    return about.length >= count
  })
  return newest
}

const tokenIn = (text: string) => /#token=([\w-]{43})$/m.exec(text)?.[1] ?? 'none'

const reset = (token: string, newPassword: string, on = auth) =>
  on.ask('mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }', { input: { token, newPassword } })
const askForReset = (email: string, on = auth) =>
  on.ask('mutation ($email: String!) { requestPasswordReset(email: $email) { email message } }', { email })
const change = (token: string, currentPassword: string, newPassword: string) =>
  auth.ask(
    'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) }',
    { input: { currentPassword, newPassword } },
    token,
  )
const VERIFY = `mutation ($input: VerifyEmailInput!) {
  login: verifyEmail(input: $input) { ... on AuthPayload {
    accessToken expiresIn refreshToken refreshTokenExpiresAt
    session { id current userAgent ipAddress createdAt lastSeenAt expiresAt }
    user { id email role lastLoginAt createdAt } } } }`
const verify = (token: string, tried = password, on = auth) => on.ask(VERIFY, { input: { token, password: tried } })

describe('a forgotten password', () => {
  it('is replaced by a mailed link, which works once and ends every session', async () => {
    const { login, refresh, newcomer } = visitor(auth)
    const { email, signIn } = await newcomer()
    const before = await signIn()
    await askForReset(email)
    const token = tokenIn(await mailTo(email, /new password/))

    expect((await reset(token, next)).data).toEqual({ resetPassword: true })

    expect(codes(await login(email))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    expect(codes(await login(email, next))).toEqual([])
    expect(codes(await refresh(before.refreshToken))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(codes(await reset(token, 'marble canyon violin'))).toEqual(['AUTH_TOKEN_INVALID'])
    const told = await mailTo(email, /was changed/)
    expect(told).toMatch(/If it was not you/)
    expect(told).toMatch(/Passkeys, .* and accounts of other services .* stay, .* remove what is not yours/) // they sign in, too
  })

  it('leads to the web client, with the token where no server sees it', async () => {
    const { email } = await visitor(auth).newcomer()
    await askForReset(email)
    expect(await mailTo(email, /new password/)).toMatch(/^https:\/\/app\.example\.com\/reset-password#token=/m)
  })

  it('is answered alike for an address without an account, to which nothing is sent', async () => {
    const { email } = await visitor(auth).newcomer()
    const nobody = `nobody-${crypto.randomUUID()}@example.com`
    const [known, unknown] = [await askForReset(email), await askForReset(nobody)]
    await mailTo(email, /new password/)
    expect(JSON.stringify(unknown.data).replaceAll(nobody, email)).toBe(JSON.stringify(known.data))
    expect(await mailsTo(nobody)).toEqual([])
  })

  it('is mailed at most once a minute, however often and however many at once ask', async () => {
    const { email } = await visitor(auth).newcomer()
    await Promise.all(Array.from({ length: 20 }, () => askForReset(email)))
    await mailTo(email, /new password/)
    await askForReset(email)
    auth.weather.aheadMs += 2 * MINUTE
    await askForReset(email)
    await mailTo(email, /new password/, 2)
    expect((await mailsTo(email)).filter(({ subject }) => /new password/.test(subject))).toHaveLength(2)
  })

  it('can be chosen for 30 minutes', async () => {
    const { email } = await visitor(auth).newcomer()
    await askForReset(email)
    const token = tokenIn(await mailTo(email, /new password/))
    auth.weather.aheadMs += 30 * MINUTE
    expect(codes(await reset(token, next))).toEqual(['AUTH_TOKEN_INVALID'])
  })

  it('leaves the link good when the new one is refused', async () => {
    const { email } = await visitor(auth).newcomer()
    await askForReset(email)
    const token = tokenIn(await mailTo(email, /new password/))
    expect(codes(await reset(token, 'Password1234'))).toEqual(['VAL_VALIDATION_FAILED'])
    expect(codes(await reset(token, password))).toEqual(['VAL_VALIDATION_FAILED']) // the one there is
    expect(codes(await reset(token, next))).toEqual([])
  })

  it('is set by one of two who use the link at once', async () => {
    const { email } = await visitor(auth).newcomer()
    await askForReset(email)
    const token = tokenIn(await mailTo(email, /new password/))
    const answers = await Promise.all([reset(token, next), reset(token, 'marble canyon violin')])
    expect(answers.flatMap(codes)).toEqual(['AUTH_TOKEN_INVALID'])
  })

  it('frees an account that strangers have locked', async () => {
    const { login, newcomer } = visitor(auth)
    const { email } = await newcomer()
    for (let tries = 0; tries < 6; tries += 1) await login(email, 'wrong gravel teapot')
    expect(codes(await login(email))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    await askForReset(email)
    await reset(tokenIn(await mailTo(email, /new password/)), next)
    expect(codes(await login(email, next))).toEqual([])
  })
})

describe('a sign-in under way', () => {
  it('with the old password is over when there is a new one', async () => {
    const { login, refresh, newcomer } = visitor(auth)
    const { email } = await newcomer()
    await askForReset(email)
    const token = tokenIn(await mailTo(email, /new password/))
    const [answers] = await Promise.all([
      Promise.all(Array.from({ length: 30 }, () => login(email))),
      reset(token, next),
    ])
    const opened = answers.filter(({ errors }) => errors.length === 0).map(signInOf)
    const refreshed = await Promise.all(opened.map(({ refreshToken }) => refresh(refreshToken)))
    expect(refreshed.flatMap(codes)).toEqual(opened.map(() => 'AUTH_TOKEN_INVALID'))
  })
})

describe('changing a password', () => {
  it('asks for the present one, ends the other sessions and keeps this one', async () => {
    const { login, refresh, newcomer } = visitor(auth)
    const { email, signIn } = await newcomer()
    const [other, own] = [await signIn(), await signIn()]

    expect(codes(await change(own.accessToken, 'wrong gravel teapot', next))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    expect(codes(await change(own.accessToken, password, next))).toEqual([])

    expect(codes(await refresh(other.refreshToken))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(codes(await refresh(own.refreshToken))).toEqual([])
    expect(codes(await login(email, next))).toEqual([])
  })

  it('counts guesses at the present one with those at signing in', async () => {
    const { login, newcomer } = visitor(auth)
    const { email, signIn } = await newcomer()
    const { accessToken } = await signIn()
    await Promise.all(Array.from({ length: 5 }, () => change(accessToken, 'wrong gravel teapot', next)))
    expect(codes(await change(accessToken, password, next))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    expect(codes(await login(email))).toEqual(['AUTH_INVALID_CREDENTIALS'])
  })

  it('takes none of the last five, and the sixth again', async () => {
    const { signIn } = await visitor(auth).newcomer()
    const { accessToken } = await signIn()
    const all = [password, next, 'marble canyon violin', 'cobalt harbor whistle', 'saffron meadow anvil']
    for (const [index, from] of all.slice(0, -1).entries())
      expect(codes(await change(accessToken, from, all[index + 1] ?? ''))).toEqual([])
    const last = all.at(-1) ?? ''
    for (const former of all) expect(codes(await change(accessToken, last, former))).toEqual(['VAL_VALIDATION_FAILED'])
    expect(codes(await change(accessToken, last, 'pewter island comet'))).toEqual([])
    expect(codes(await change(accessToken, 'pewter island comet', password))).toEqual([])
  })

  it('is for whoever is signed in', async () => {
    expect(codes(await change('none', password, next))).toEqual(['AUTH_TOKEN_INVALID'])
  })
})

describe('where addresses must be confirmed', () => {
  let strict: StartedAuth
  beforeAll(async () => {
    strict = await startAuth({ needsConfirmation: true })
  })
  afterAll(() => strict.close())

  it('an account can be used when its owner has followed the link and given the password', async () => {
    const { login, newcomer } = visitor(strict)
    const { email } = await newcomer()
    expect(codes(await login(email))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    const token = tokenIn(await mailTo(email, /Confirm/, 1, strict))

    expect(codes(await verify(token, 'wrong gravel teapot', strict))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    const { user, accessToken } = signInOf(await verify(token, password, strict))

    expect(user.email).toBe(email)
    expect(await strict.verifier.verify(accessToken)).toMatchObject({ userId: user.id })
    expect(codes(await login(email))).toEqual([])
    expect(codes(await verify(token, password, strict))).toEqual(['AUTH_TOKEN_INVALID'])
  })

  it('nobody learns by registering and signing in whether an address has an account', async () => {
    const { login, register, newcomer } = visitor(strict)
    const { email } = await newcomer()
    signInOf(await verify(tokenIn(await mailTo(email, /Confirm/, 1, strict)), password, strict))
    const stranger = { taken: email, free: `free-${crypto.randomUUID()}@example.com` }
    for (const address of Object.values(stranger)) await register({ email: address, password: next })
    const answers = [await login(stranger.taken, next), await login(stranger.free, next)]
    const untimed = answers.map(({ errors }) => errors.map(({ message, extensions }) => [message, extensions.code]))
    expect(untimed[0]).toEqual(untimed[1])
    expect(await mailTo(email, /have an account/, 1, strict)).toMatch(/nothing was changed/)
  })

  it('a registration at the same moment does not make its password good', async () => {
    const { login, register, newcomer } = visitor(strict)
    for (let round = 0; round < 8; round += 1) {
      const { email } = await newcomer()
      const token = tokenIn(await mailTo(email, /Confirm/, 1, strict))
      await Promise.all([verify(token, password, strict), register({ email, password: next })])
      expect(codes(await login(email, next))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    }
  })

  it('the newest registration counts until then, and a link never makes a stranger’s password good', async () => {
    const { login, register, newcomer } = visitor(strict)
    const { email } = await newcomer()
    const token = tokenIn(await mailTo(email, /Confirm/, 1, strict))
    await register({ email, password: next }) // a stranger's, or the owner's second try
    expect(codes(await verify(token, password, strict))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    expect(codes(await login(email, next))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    await askForReset(email, strict)
    await reset(tokenIn(await mailTo(email, /new password/, 1, strict)), 'marble canyon violin', strict)
    expect(codes(await login(email, 'marble canyon violin'))).toEqual([])
  })
})

describe('mail', () => {
  it('says nothing that a stranger has chosen', async () => {
    const email = `person-${crypto.randomUUID()}@example.com`
    await visitor(auth).register({ email, name: 'Click https evil example' })
    expect(await mailTo(email, /Confirm/)).not.toMatch(/evil/)
  })

  it('carries a link of which nothing but a fingerprint is stored', async () => {
    const { email } = await visitor(auth).newcomer()
    const token = tokenIn(await mailTo(email, /Confirm/))
    const stored = await rowsOf(auth, 'SELECT * FROM auth.one_time_links')
    expect(stored.length).toBeGreaterThan(0)
    expect(JSON.stringify(stored)).not.toContain(token)
  })
})
