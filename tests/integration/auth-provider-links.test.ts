import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { decodeJwt } from 'jose'
import { Secret, TOTP } from 'otpauth'
import { z } from 'zod'
import { startOpenIdProvider, type ProviderPerson, type StartedProvider } from '../support/openid-provider.js'
import { providerVisitor, settingsOf } from '../support/provider-visitor.js'
import { codes, rowsOf, signInOf, startAuth, visitor, type StartedAuth } from '../support/start-auth.js'
import type { Answer } from '../support/start-subgraph.js'
import { until } from '../support/until.js'

const redirectUri = (id: string) => `https://app.example.com/back/${id}`
const root = 'root@trusted.example'

let auth: StartedAuth
let person: ReturnType<typeof providerVisitor>
const houses = new Map<string, StartedProvider>()

beforeAll(async () => {
  for (const id of ['trusted', 'foreign']) houses.set(id, await startOpenIdProvider({ redirectUri: redirectUri(id) }))
  const settings = (id: string, more: Record<string, unknown>) => {
    const provider = houses.get(id)
    if (provider === undefined) throw new Error(`No provider ${id}`)
    return settingsOf(id, provider, redirectUri(id), more)
  }
  auth = await startAuth({
    superadmins: [root],
    passkeyOrigins: ['http://localhost:3000'],
    providers: [settings('trusted', { emailDomains: ['trusted.example'] }), settings('foreign', {})],
  })
  person = providerVisitor(auth, houses, redirectUri)
}, 60_000)
afterAll(async () => {
  await auth.close()
  await Promise.all([...houses.values()].map((started) => started.stop()))
})

const newEmail = () => `${crypto.randomUUID()}@trusted.example`

/** Somebody at a house of providers, who has this address there. */
function at(id: string, email: string, more: ProviderPerson = {}): string {
  const subject = crypto.randomUUID()
  houses.get(id)?.people.set(subject, { email, email_verified: true, name: 'Grace Hopper', ...more })
  return subject
}

async function registered(email: string, isConfirmed: boolean) {
  await visitor(auth).register({ email })
  if (isConfirmed) await rowsOf(auth, 'UPDATE auth.accounts SET email_verified_at = now() WHERE email = $1', [email])
  return signInOf(await visitor(auth).login(email))
}

const linkedTo = (token: string) => auth.ask('{ myLinkedProviders { id provider { id } } }', {}, token)
const linksOf = ({ data }: Answer) =>
  z
    .object({ myLinkedProviders: z.array(z.object({ id: z.string(), provider: z.object({ id: z.string() }) })) })
    .parse(data).myLinkedProviders
const unlink = (token: string, id: string) => auth.ask('mutation ($id: ID!) { unlinkProvider(id: $id) }', { id }, token)

async function withApp(token: string): Promise<string> {
  const { data } = await auth.ask('mutation { enrollMfa { secret } }', {}, token)
  const { secret } = z.object({ enrollMfa: z.object({ secret: z.string() }) }).parse(data).enrollMfa
  const code = shown(secret)
  await auth.ask('mutation ($code: String!) { confirmMfa(code: $code) { codes } }', { code }, token)
  return secret
}

const shown = (secret: string, steps = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 })

/** A new password by the mail that proves the address. */
async function resetPassword(email: string, newPassword: string) {
  await auth.ask('mutation ($email: String!) { requestPasswordReset(email: $email) { email } }', { email })
  let token = ''
  await until(async () => {
    const { data } = await auth.ask('query ($to: String!) { developmentMails(to: $to) { text } }', { to: email })
    token = /reset-password#token=([\w-]{43})/.exec(JSON.stringify(data))?.[1] ?? ''
    return token !== ''
  })
  const input = { token, newPassword }
  expect(
    codes(await auth.ask('mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }', { input })),
  ).toEqual([])
}

describe('an account with the address of somebody at a provider', () => {
  it('is linked where its address is confirmed, the provider’s word on it counts, and it has said it verified it', async () => {
    const email = newEmail()
    const { user } = await registered(email, true)
    const signIn = await person.signedIn('trusted', at('trusted', email.toUpperCase()))
    expect(signIn.user.id).toBe(user.id)
    expect(signInOf(await visitor(auth).login(email)).user.id).toBe(user.id) // the password stays theirs
    await until(async () => {
      const { data } = await auth.ask('query ($to: String!) { developmentMails(to: $to) { subject } }', { to: email })
      return JSON.stringify(data).includes('An account of another service signs in to yours')
    })
  })

  it('is not linked where its own address is not confirmed: who opened it may be waiting for its owner', async () => {
    const email = newEmail()
    const early = await registered(email, false)
    const subject = at('trusted', email)
    expect(codes(await person.signIn('trusted', subject))).toEqual(['AUTH_PROVIDER_NOT_LINKED'])
    expect(linksOf(await linkedTo(early.accessToken))).toEqual([])
    // the owner takes it by mail, which ends all that was there before, and is linked from then on
    await resetPassword(email, 'thistle orbit lantern')
    expect(codes(await visitor(auth).refresh(early.refreshToken))).toEqual(['AUTH_TOKEN_INVALID'])
    expect((await person.signedIn('trusted', subject)).user.id).toBe(early.user.id)
  })

  it('loses what a stranger has linked before its owner proved the address', async () => {
    const email = newEmail()
    const early = await registered(email, false)
    const strangers = at('foreign', 'stranger@evil.example')
    expect(codes(await person.linkAs(early.accessToken, 'foreign', strangers))).toEqual([])
    await resetPassword(email, 'thistle orbit lantern')
    expect(codes(await person.signIn('foreign', strangers))).toEqual(['AUTH_PROVIDER_NOT_LINKED'])
    const owner = signInOf(await visitor(auth).login(email, 'thistle orbit lantern'))
    expect(linksOf(await linkedTo(owner.accessToken))).toEqual([])
  })

  it.each([
    ['has not verified it', 'trusted', { email_verified: false }],
    ['says nothing of having verified it', 'trusted', { email_verified: undefined }],
    ['has no say on its domain', 'foreign', {}],
  ])('is not linked, nor is one opened, where the provider %s', async (_why, id, more) => {
    const [known, unknown] = [newEmail(), newEmail()]
    await registered(known, true)
    const answers = [await person.signIn(id, at(id, known, more)), await person.signIn(id, at(id, unknown, more))]
    expect(answers.map(codes)).toEqual([['AUTH_PROVIDER_NOT_LINKED'], ['AUTH_PROVIDER_NOT_LINKED']])
    expect(answers[0]?.errors[0]?.message).toBe(answers[1]?.errors[0]?.message) // whether there is one does not show
    expect(await rowsOf(auth, 'SELECT 1 FROM auth.accounts WHERE email = $1', [unknown])).toEqual([])
  })

  it('is not linked by a provider’s word where it is better protected, or its owner administers', async () => {
    const [withFactor, ofAdmin, locked] = [newEmail(), newEmail(), newEmail()]
    await withApp((await registered(withFactor, true)).accessToken)
    for (const email of [ofAdmin, locked]) await registered(email, true)
    await rowsOf(auth, "UPDATE auth.accounts SET role = 'admin' WHERE email = $1", [ofAdmin])
    await rowsOf(auth, 'UPDATE auth.accounts SET locked_at = now() WHERE email = $1', [locked])
    for (const email of [withFactor, ofAdmin, locked])
      expect(codes(await person.signIn('trusted', at('trusted', email)))).toEqual(['AUTH_PROVIDER_NOT_LINKED'])
  })

  it('is not opened by a provider for an address that makes a superadmin', async () => {
    expect(codes(await person.signIn('trusted', at('trusted', root)))).toEqual(['AUTH_PROVIDER_NOT_LINKED'])
    expect(await rowsOf(auth, 'SELECT 1 FROM auth.accounts WHERE email = $1', [root])).toEqual([])
  })
})

describe('an account that is linked', () => {
  it('still asks for its second factor, and is as recent as the provider asked who it is', async () => {
    const { accessToken, user } = await registered(newEmail(), true)
    const subject = at('foreign', 'anything@else.example')
    expect(codes(await person.linkAs(accessToken, 'foreign', subject))).toEqual([])
    const secret = await withApp(accessToken)
    expect(codes(await person.startLink(accessToken, 'foreign'))).toEqual(['AUTH_STEP_UP_REQUIRED']) // by the password alone
    const answer = await person.signIn('foreign', subject)
    const challenge = z.object({ login: z.object({ challengeToken: z.string() }) }).parse(answer.data).login
    const signedIn = await auth.ask(
      `mutation ($input: VerifyMfaInput!) { login: verifyMfa(input: $input) {
        accessToken expiresIn refreshToken refreshTokenExpiresAt
        session { id current userAgent ipAddress createdAt lastSeenAt expiresAt } user { id email role lastLoginAt createdAt } } }`,
      { input: { challengeToken: challenge.challengeToken, code: shown(secret, 1) } },
    )
    const reached = signInOf(signedIn)
    expect(reached.user.id).toBe(user.id)
    expect(decodeJwt(reached.accessToken)).toMatchObject({ amr: ['fed', 'otp', 'mfa'], acr: 'aal2' })
  })

  it('is not signed in to while an administrator keeps it locked', async () => {
    const subject = at('trusted', newEmail())
    const { user } = await person.signedIn('trusted', subject)
    await rowsOf(auth, 'UPDATE auth.accounts SET locked_at = now() WHERE id = $1', [user.id])
    expect(codes(await person.signIn('trusted', subject))).toEqual(['AUTH_ACCOUNT_LOCKED'])
  })

  it('is linked by its owner alone: in the session it began in, signed in lately, and to one account', async () => {
    const [one, other] = [await registered(newEmail(), true), await registered(newEmail(), true)]
    const subject = at('foreign', 'shared@else.example')
    const begun = person.begunOf(await person.startLink(one.accessToken, 'foreign'))
    const answer = await person.visit('foreign', begun.url, subject)
    expect(codes(await person.link(other.accessToken, begun.browserSecret, answer))).toEqual(['AUTH_TOKEN_INVALID'])
    const signIn = person.begunOf(await person.start('foreign'))
    const back = await person.visit('foreign', signIn.url, subject)
    expect(codes(await person.link(one.accessToken, signIn.browserSecret, back))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(codes(await person.linkAs(one.accessToken, 'foreign', subject))).toEqual([])
    expect(codes(await person.linkAs(one.accessToken, 'foreign', subject))).toEqual([]) // once more changes nothing
    expect(codes(await person.linkAs(other.accessToken, 'foreign', subject))).toEqual(['RES_ALREADY_EXISTS'])
    auth.weather.aheadMs = -600_000
    const stale = signInOf(await visitor(auth).login(one.user.email ?? ''))
    auth.weather.aheadMs = 0
    expect(codes(await person.startLink(stale.accessToken, 'foreign'))).toEqual(['AUTH_STEP_UP_REQUIRED'])
  })

  it('keeps its last way in, also of two that are removed at once, and loses any other', async () => {
    const email = newEmail()
    const { accessToken } = await person.signedIn('trusted', at('trusted', email))
    const [only] = linksOf(await linkedTo(accessToken))
    expect(codes(await unlink(accessToken, only?.id ?? ''))).toEqual(['RES_CONFLICT'])
    expect(codes(await person.linkAs(accessToken, 'foreign', at('foreign', 'x@else.example')))).toEqual([])
    const both = linksOf(await linkedTo(accessToken))
    const answers = await Promise.all(both.map(({ id }) => unlink(accessToken, id)))
    expect(answers.flatMap(codes)).toEqual(['RES_CONFLICT'])
    await resetPassword(email, 'thistle orbit lantern') // from now on there is a password
    const owner = signInOf(await visitor(auth).login(email, 'thistle orbit lantern'))
    const [left] = linksOf(await linkedTo(owner.accessToken))
    expect((await unlink(owner.accessToken, left?.id ?? '')).data).toEqual({ unlinkProvider: true })
    const elsewhere = await registered(newEmail(), true)
    expect(codes(await unlink(elsewhere.accessToken, left?.id ?? ''))).toEqual(['RES_NOT_FOUND'])
  })
})

it('a passkey is a way in too, until it is removed', async () => {
  const { accessToken, refreshToken, user } = await person.signedIn('trusted', at('trusted', newEmail()))
  const passkey = crypto.randomUUID()
  await rowsOf(
    auth,
    `INSERT INTO auth.passkeys (id, account_id, credential_id, public_key, counter, is_backup_eligible, is_backed_up, name, created_at)
     VALUES ($1::uuid, $2::uuid, decode(replace($1::text, '-', ''), 'hex'), '', 0, false, false, 'phone', now())`,
    [passkey, user.id],
  )
  const [linked] = linksOf(await linkedTo(accessToken))
  await rowsOf(auth, "UPDATE auth.sessions SET methods = '{pop}' WHERE account_id = $1", [user.id]) // by that passkey
  const token = signInOf(await visitor(auth).refresh(refreshToken)).accessToken
  const remove = () => auth.ask('mutation ($id: ID!) { removePasskey(id: $id) }', { id: passkey }, token)
  expect(codes(await unlink(accessToken, linked?.id ?? ''))).toEqual(['AUTH_STEP_UP_REQUIRED']) // the provider is one factor
  expect((await unlink(token, linked?.id ?? '')).data).toEqual({ unlinkProvider: true })
  expect(codes(await remove())).toEqual(['RES_CONFLICT'])
  await rowsOf(auth, 'UPDATE auth.accounts SET has_password = true WHERE id = $1', [user.id])
  expect((await remove()).data).toEqual({ removePasskey: true })
})

it('ways to providers are begun three hundred times from one address, and no more for a while', async () => {
  const provider = houses.get('foreign')
  if (provider === undefined) throw new Error('No provider')
  const busy = await startAuth({ providers: [settingsOf('foreign', provider, redirectUri('foreign'))] })
  const visiting = providerVisitor(busy, houses, redirectUri)
  await visiting.start('foreign') // its metadata is known from here on
  const answers = await Promise.all(Array.from({ length: 310 }, () => visiting.start('foreign')))
  expect(answers.flatMap(codes)).toEqual(Array(11).fill('RATE_LIMIT_EXCEEDED'))
  expect(await rowsOf(busy, 'SELECT 1 FROM auth.provider_sign_ins')).toHaveLength(300)
  await busy.close()
}, 60_000)

it('a house that wants addresses confirmed lets nobody in by a provider before', async () => {
  const houseOf = houses.get('foreign')
  if (houseOf === undefined) throw new Error('No provider')
  const settings = settingsOf('foreign', houseOf, redirectUri('foreign'), { emailDomains: ['*'] })
  const confirming = await startAuth({ needsConfirmation: true, providers: [settings] })
  const visiting = providerVisitor(confirming, houses, redirectUri)
  const subject = at('foreign', newEmail())
  const { user } = await visiting.signedIn('foreign', subject) // vouched for: that is confirmation
  await rowsOf(confirming, 'UPDATE auth.accounts SET email_verified_at = NULL WHERE id = $1', [user.id])
  expect(codes(await visiting.signIn('foreign', subject))).toEqual(['AUTH_EMAIL_NOT_VERIFIED'])
  await confirming.close()
})
