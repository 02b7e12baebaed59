import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { decodeJwt } from 'jose'
import { startOpenIdProvider, type StartedProvider } from '../support/openid-provider.js'
import { providerVisitor, settingsOf } from '../support/provider-visitor.js'
import { codes, rowsOf, signInOf, startAuth, type StartedAuth } from '../support/start-auth.js'
import { until } from '../support/until.js'

const redirectUri = (id: string) => `https://app.example.com/back/${id}`
const MINUTE_MS = 60_000

let auth: StartedAuth
let person: ReturnType<typeof providerVisitor>
const houses = new Map<string, StartedProvider>()
const house = (id: string): StartedProvider => {
  const started = houses.get(id)
  if (started === undefined) throw new Error(`No provider ${id}`)
  return started
}

beforeAll(async () => {
  houses.set('honest', await startOpenIdProvider({ redirectUri: redirectUri('honest') }))
  houses.set('other', await startOpenIdProvider({ redirectUri: redirectUri('other') }))
  houses.set(
    'silent',
    await startOpenIdProvider({ redirectUri: redirectUri('silent'), namesItself: false, isPublic: true }),
  )
  const everywhere = { emailDomains: ['*'] }
  auth = await startAuth({
    providers: [
      settingsOf('honest', house('honest'), redirectUri('honest'), everywhere),
      settingsOf('other', house('other'), redirectUri('other'), everywhere),
      { ...settingsOf('silent', house('silent'), redirectUri('silent'), everywhere), clientSecret: undefined },
    ],
  })
  person = providerVisitor(auth, houses, redirectUri)
}, 60_000)
afterAll(async () => {
  await auth.close()
  await Promise.all([...houses.values()].map((started) => started.stop()))
})

/** Somebody with an account at a house of providers and none here. */
function stranger(id = 'honest') {
  const subject = crypto.randomUUID()
  const email = `${subject}@example.com`
  house(id).people.set(subject, { email, email_verified: true, name: 'Ada Lovelace' })
  return { subject, email }
}

const mailsTo = async (email: string) =>
  JSON.stringify((await auth.ask('query ($to: String!) { developmentMails(to: $to) { subject } }', { to: email })).data)

describe('signing in by a provider', () => {
  it('is offered by name', async () => {
    expect((await auth.ask('{ signInProviders { id displayName } }')).data).toEqual({
      signInProviders: ['honest', 'other', 'silent'].map((id) => ({ id, displayName: `House ${id}` })),
    })
  })

  it('opens an account, told and written down as a registration is, and comes back to it by the subject', async () => {
    const { subject, email } = stranger()
    const first = await person.signedIn('honest', subject)
    expect(first.user).toMatchObject({ email, role: 'USER' })
    expect(decodeJwt(first.accessToken)).toMatchObject({ amr: ['fed'], acr: 'aal1', auth_time: expect.any(Number) })
    const me = await auth.ask('{ myAuditLog { edges { node { action } } } }', {}, first.accessToken)
    expect(JSON.stringify(me.data).match(/(account|provider|session)[.a-z]+/g)).toEqual([
      'session.opened',
      'provider.linked',
      'account.registered',
    ])
    await until(async () => (await mailsTo(email)).includes('An account of another service'))
    await until(async () => (await rowsOf(auth, 'SELECT 1 FROM auth.outbox_events')).length === 0)
    for await (const { envelope } of await auth.engines.bus.follow('events.user.registered', 'all')) {
      if (JSON.stringify(envelope.data) === JSON.stringify({ userId: first.user.id, displayName: 'Ada Lovelace' }))
        break
    }

    house('honest').people.set(subject, { email: 'new@example.com', email_verified: true })
    expect((await person.signedIn('honest', subject)).user).toMatchObject({ id: first.user.id, email })
  })

  it('is for one account where two tabs open it at once', async () => {
    const { subject, email } = stranger()
    const tabs = await Promise.all([person.signIn('honest', subject), person.signIn('honest', subject)])
    expect(new Set(tabs.map((answer) => signInOf(answer).user.id)).size).toBe(1)
    expect(await rowsOf(auth, 'SELECT 1 FROM auth.accounts WHERE email = $1', [email])).toHaveLength(1)
  })

  it('works for a provider that is shared without a secret and does not name itself', async () => {
    const { subject, email } = stranger('silent')
    expect((await person.signedIn('silent', subject)).user.email).toBe(email)
  })

  it('sends browsers back to configured addresses alone', async () => {
    for (const refused of ['https://evil.example.com/', `${redirectUri('honest')}/more`, redirectUri('other')])
      expect(codes(await person.start('honest', { redirectUri: refused }))).toEqual(['VAL_VALIDATION_FAILED'])
    expect(codes(await person.start('nobody'))).toEqual(['RES_NOT_FOUND'])
  })

  it('keeps nothing of the provider’s: no code, token, nonce or verifier', async () => {
    const { subject } = stranger()
    const { url, browserSecret } = person.begunOf(await person.start('honest'))
    const asked = new URL(url).searchParams
    expect(asked.get('code_challenge_method')).toBe('S256')
    const kept = JSON.stringify(await rowsOf(auth, 'SELECT * FROM auth.provider_sign_ins'))
    for (const secret of [asked.get('state'), asked.get('nonce'), browserSecret]) expect(kept).not.toContain(secret)
    await person.finish(browserSecret, await person.visit('honest', url, subject))
    expect(await rowsOf(auth, 'SELECT * FROM auth.provider_sign_ins')).toEqual([])
  })
})

describe('an answer', () => {
  it('counts once, also of many at once', async () => {
    const { subject } = stranger()
    const { url, browserSecret } = person.begunOf(await person.start('honest'))
    const answer = await person.visit('honest', url, subject)
    const before = house('honest').exchanges.count
    const answers = await Promise.all(Array.from({ length: 10 }, () => person.finish(browserSecret, answer)))
    expect(answers.flatMap(codes)).toEqual(Array(9).fill('AUTH_TOKEN_INVALID'))
    expect(house('honest').exchanges.count - before).toBe(1)
  })

  it('counts in the browser it was begun in alone: who makes another one finish it signs nobody in', async () => {
    const { subject } = stranger()
    const attacker = person.begunOf(await person.start('honest'))
    const answer = await person.visit('honest', attacker.url, subject)
    const victim = person.begunOf(await person.start('honest'))
    expect(codes(await person.finish(victim.browserSecret, answer))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(codes(await person.finish(attacker.browserSecret, answer))).toEqual(['AUTH_TOKEN_INVALID']) // burnt
  })

  it('with a state that was never given is for nobody', async () => {
    const { subject } = stranger()
    const { url, browserSecret } = person.begunOf(await person.start('honest'))
    const { state: _state, ...answer } = await person.visit('honest', url, subject)
    expect(codes(await person.finish(browserSecret, { ...answer, state: 'A'.repeat(43) }))).toEqual([
      'AUTH_TOKEN_INVALID',
    ])
  })

  it.each([
    ['another nonce', 'nonce', 'A'.repeat(43)],
    ['another PKCE challenge', 'code_challenge', 'A'.repeat(43)],
  ])('to a question with %s does not hold', async (_what, name, value) => {
    const { subject, email } = stranger()
    const { url, browserSecret } = person.begunOf(await person.start('honest'))
    const tampered = new URL(url)
    tampered.searchParams.set(name, value)
    const answer = await person.visit('honest', tampered.href, subject)
    expect(codes(await person.finish(browserSecret, answer))).toEqual(['AUTH_PROVIDER_REFUSED'])
    expect(await rowsOf(auth, 'SELECT 1 FROM auth.accounts WHERE email = $1', [email])).toEqual([])
  })

  it('of another provider is sent to neither: the issuer it names is not who was asked', async () => {
    const { subject } = stranger()
    const [asked, meant] = [person.begunOf(await person.start('other')), person.begunOf(await person.start('honest'))]
    const { code = '', iss = '' } = await person.visit('honest', meant.url, subject)
    const before = [house('honest').exchanges.count, house('other').exchanges.count]
    const state = new URL(asked.url).searchParams.get('state') ?? ''
    expect(codes(await person.finish(asked.browserSecret, { code, iss, state }))).toEqual(['AUTH_PROVIDER_REFUSED'])
    const unnamed = person.begunOf(await person.start('other'))
    const again = new URL(unnamed.url).searchParams.get('state') ?? ''
    expect(codes(await person.finish(unnamed.browserSecret, { code, state: again }))).toEqual(['AUTH_PROVIDER_REFUSED'])
    expect([house('honest').exchanges.count, house('other').exchanges.count]).toEqual(before)
  })

  it('comes within ten minutes', async () => {
    const { subject } = stranger()
    const { url, browserSecret } = person.begunOf(await person.start('honest'))
    const answer = await person.visit('honest', url, subject)
    auth.weather.aheadMs += 10 * MINUTE_MS
    expect(codes(await person.finish(browserSecret, answer))).toEqual(['AUTH_TOKEN_INVALID'])
    auth.weather.aheadMs = 0
  })

  it('may be that somebody declined', async () => {
    const { url, browserSecret } = person.begunOf(await person.start('honest'))
    const answer = await person.visit('honest', url, null)
    expect(answer['error']).toBe('access_denied')
    const declined = await person.finish(browserSecret, answer)
    expect(codes(declined)).toEqual(['AUTH_PROVIDER_REFUSED'])
    expect(declined.errors[0]?.message).toBe('House honest did not sign you in: begin again, or sign in another way.')
  })
})

describe('a provider', () => {
  it('that is away is away alone, and is back as soon as it is', async () => {
    const { subject } = stranger('other')
    const begun = person.begunOf(await person.start('other'))
    const answer = await person.visit('other', begun.url, subject)
    await house('other').stop()
    const refused = await person.finish(begun.browserSecret, answer)
    expect(codes(refused)).toEqual(['INT_EXTERNAL_SERVICE_ERROR'])
    expect(refused.errors[0]?.message).not.toContain('localhost')
    auth.weather.aheadMs += 25 * 60 * MINUTE_MS // its metadata is too old by now
    expect(codes(await person.start('other'))).toEqual(['INT_EXTERNAL_SERVICE_ERROR'])
    expect(codes(await person.start('honest'))).toEqual([])
    await house('other').start()
    auth.weather.aheadMs += MINUTE_MS
    expect(codes(await person.start('other'))).toEqual([])
    auth.weather.aheadMs = 0
  })

  it('may change its keys from one sign-in to the next', async () => {
    const { subject } = stranger('other')
    const { user } = await person.signedIn('other', subject)
    await house('other').rotateKeys()
    expect((await person.signedIn('other', subject)).user.id).toBe(user.id)
    await house('other').rotateKeys()
    expect((await person.signedIn('other', subject)).user.id).toBe(user.id)
  })

  it('is asked to ask anew where that is wanted, and the sign-in is recent by its word alone', async () => {
    const { subject } = stranger()
    const { url, browserSecret } = person.begunOf(await person.start('honest', { fresh: true }))
    const asked = new URL(url)
    expect([asked.searchParams.get('prompt'), asked.searchParams.get('max_age')]).toEqual(['login', '0'])
    const fresh = signInOf(await person.finish(browserSecret, await person.visit('honest', url, subject)))
    expect(codes(await auth.ask('mutation { enrollMfa { uri } }', {}, fresh.accessToken))).toEqual([])
  })
})
