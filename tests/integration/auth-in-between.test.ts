/** What changes while somebody is on their way: the account's row is held here, as whoever changes it holds it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Secret, TOTP } from 'otpauth'
import pg from 'pg'
import { z } from 'zod'
import { startOpenIdProvider, type StartedProvider } from '../support/openid-provider.js'
import { providerVisitor, settingsOf } from '../support/provider-visitor.js'
import { codes, rowsOf, signInOf, startAuth, visitor, type StartedAuth } from '../support/start-auth.js'
import { until } from '../support/until.js'

const redirectUri = (id: string) => `https://app.example.com/back/${id}`
const root = 'root@trusted.example'

let auth: StartedAuth
let provider: StartedProvider
let person: ReturnType<typeof providerVisitor>
const superadmins: string[] = []

beforeAll(async () => {
  provider = await startOpenIdProvider({ redirectUri: redirectUri('trusted') })
  const settings = settingsOf('trusted', provider, redirectUri('trusted'), { emailDomains: ['trusted.example'] })
  auth = await startAuth({ superadmins, providers: [settings] })
  person = providerVisitor(auth, new Map([['trusted', provider]]), redirectUri)
}, 60_000)
afterAll(async () => {
  await auth.close()
  await provider.stop()
})

/** Somebody at the provider, who has this address there. */
function at(email: string): string {
  const subject = crypto.randomUUID()
  provider.people.set(subject, { email, email_verified: true, name: 'Grace Hopper' })
  return subject
}

async function registered(isConfirmed: boolean) {
  const email = `${crypto.randomUUID()}@trusted.example`
  await visitor(auth).register({ email })
  if (isConfirmed) await rowsOf(auth, 'UPDATE auth.accounts SET email_verified_at = now() WHERE email = $1', [email])
  return { email, ...signInOf(await visitor(auth).login(email)) }
}

/** Holds an account's row until what is begun meanwhile waits for it, does `change`, and lets go. */
async function changedInBetween<T>(userId: string, begin: () => Promise<T>, change: string): Promise<T> {
  const client = new pg.Client({ connectionString: auth.engines.databaseUrl })
  await client.connect()
  try {
    await client.query('BEGIN')
    await client.query('SELECT FROM auth.accounts WHERE id = $1 FOR UPDATE', [userId])
    const begun = begin()
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    await until(async () => (await rowsOf(auth, waiting)).length > 0)
    await client.query(change, [userId])
    await client.query('COMMIT')
    return await begun
  } finally {
    await client.end()
  }
}

describe('an account that a provider’s word would be linked to', () => {
  it.each([
    ['whose owner becomes an administrator', "UPDATE auth.accounts SET role = 'admin' WHERE id = $1"],
    [
      'whose owner adds a second factor',
      "INSERT INTO auth.totp_factors (account_id, sealed_secret, created_at, confirmed_at) VALUES ($1, '', now(), now())",
    ],
    ['that is locked', 'UPDATE auth.accounts SET locked_at = now() WHERE id = $1'],
  ])('is not linked where it is one %s meanwhile', async (_what, change) => {
    const { email, user } = await registered(true)
    const answer = await changedInBetween(user.id, () => person.signIn('trusted', at(email)), change)
    expect(codes(answer)).toEqual(['AUTH_PROVIDER_NOT_LINKED'])
    expect(await rowsOf(auth, 'SELECT 1 FROM auth.linked_identities WHERE account_id = $1', [user.id])).toEqual([])
  })
})

describe('an authenticator app', () => {
  const enroll = (token: string) => auth.ask('mutation { enrollMfa { secret } }', {}, token)
  const confirm = (token: string, code: string) =>
    auth.ask('mutation ($code: String!) { confirmMfa(code: $code) { codes } }', { code }, token)
  const endSessions = 'UPDATE auth.sessions SET ended_at = now() WHERE account_id = $1'
  const factors = (userId: string) =>
    rowsOf(auth, 'SELECT confirmed_at FROM auth.totp_factors WHERE account_id = $1', [userId])

  it('is not proposed in a session that the address’s owner ends meanwhile', async () => {
    const { accessToken, user } = await registered(false)
    const answer = await changedInBetween(user.id, () => enroll(accessToken), endSessions)
    expect(codes(answer)).toEqual(['AUTH_TOKEN_INVALID'])
    expect(await factors(user.id)).toEqual([])
  })

  it('is not confirmed in a session that the address’s owner ends meanwhile', async () => {
    const { accessToken, user } = await registered(false)
    const { data } = await enroll(accessToken)
    const { secret } = z.object({ enrollMfa: z.object({ secret: z.string() }) }).parse(data).enrollMfa
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate()
    const answer = await changedInBetween(user.id, () => confirm(accessToken, code), endSessions)
    expect(codes(answer)).toEqual(['AUTH_TOKEN_INVALID'])
    expect(await factors(user.id)).toEqual([{ confirmed_at: null }])
  })
})

it('an address that is named a superadmin’s later is not owned by a provider’s word', async () => {
  const subject = at(root)
  const { user } = await person.signedIn('trusted', subject)
  await rowsOf(
    auth,
    `INSERT INTO auth.passkeys (id, account_id, credential_id, public_key, counter, is_backup_eligible, is_backed_up, name, created_at)
     VALUES ($1::uuid, $1::uuid, '', '', 0, false, false, 'phone', now())`,
    [user.id],
  )
  await auth.stop()
  superadmins.push(root)
  await auth.start()
  const roleOf = async () => rowsOf(auth, 'SELECT role FROM auth.accounts WHERE id = $1', [user.id])
  expect(await roleOf()).toEqual([{ role: 'user' }])

  await auth.ask('mutation ($email: String!) { requestPasswordReset(email: $email) { email } }', { email: root })
  let token = ''
  await until(async () => {
    const { data } = await auth.ask('query ($to: String!) { developmentMails(to: $to) { text } }', { to: root })
    token = /reset-password#token=([\w-]{43})/.exec(JSON.stringify(data))?.[1] ?? ''
    return token !== ''
  })
  const input = { token, newPassword: 'thistle orbit lantern' }
  await auth.ask('mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }', { input })
  expect(await roleOf()).toEqual([{ role: 'superadmin' }])
  // who was let in by that word alone comes in no more, neither by it nor by what they set meanwhile
  expect(await rowsOf(auth, 'SELECT 1 FROM auth.passkeys WHERE account_id = $1', [user.id])).toEqual([])
  expect(codes(await person.signIn('trusted', subject))).toEqual(['AUTH_PROVIDER_NOT_LINKED'])
})
