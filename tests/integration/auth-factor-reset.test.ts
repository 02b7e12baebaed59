import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { phoneDoor } from '../support/phone-door.js'
import { codes, password, rowsOf, signInOf, startAuth, visitor, type StartedAuth } from '../support/start-auth.js'
import { until } from '../support/until.js'

let auth: StartedAuth
beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth.close())

const reset = (token: string, userId: string, reason = 'came by with a passport') =>
  auth.ask(
    'mutation ($id: ID!, $reason: String!) { resetSecondFactors(userId: $id, reason: $reason) { id } }',
    { id: userId, reason },
    token,
  )

/** Somebody with a role, and how they have signed in. */
async function withRole(role: string, methods: string) {
  const { signIn } = await visitor(auth).newcomer()
  const { user, refreshToken } = await signIn()
  await rowsOf(auth, 'UPDATE auth.accounts SET role = $2::auth.role WHERE id = $1', [user.id, role])
  await rowsOf(auth, 'UPDATE auth.sessions SET methods = $2::text[] WHERE account_id = $1', [user.id, methods])
  return { userId: user.id, accessToken: signInOf(await visitor(auth).refresh(refreshToken)).accessToken }
}

/** Somebody with an app, a passkey, a phone and recovery codes, none of which they have any more. */
async function withEverything() {
  const { email, signIn } = await visitor(auth).newcomer()
  const { user, accessToken, refreshToken } = await signIn()
  const add = (sql: string) => rowsOf(auth, sql, [user.id])
  await add("INSERT INTO auth.totp_factors VALUES ($1, '\\x00', now(), now())")
  await add('INSERT INTO auth.recovery_codes VALUES (sha256(($1::uuid)::text::bytea), $1)')
  await add("INSERT INTO auth.phones VALUES ($1, '+447400123456', now())")
  await add(`INSERT INTO auth.passkeys (id, account_id, credential_id, public_key, counter, is_backup_eligible, is_backed_up, name, created_at)
    VALUES ($1::uuid, $1::uuid, sha256(($1::uuid)::text::bytea), '', 0, false, false, 'phone', now())`)
  return { email, userId: user.id, accessToken, refreshToken }
}

const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) { __typename } }`
const outcome = async (email: string) => (await auth.ask(LOGIN, { input: { email, password } })).data?.['login']
const factorsOf = async (token: string) =>
  (await auth.ask('{ mySecondFactors { totp recoveryCodesLeft passkeys phone } }', {}, token)).data?.['mySecondFactors']

describe('a lost second factor', () => {
  it('is taken away by an administrator: all of it, with sessions and sign-ins that wait', async () => {
    const admin = await withRole('admin', '{pwd,otp}')
    const { email, userId, refreshToken } = await withEverything()
    expect(await outcome(email)).toEqual({ __typename: 'MfaChallenge' })

    expect((await reset(admin.accessToken, userId)).data).toEqual({ resetSecondFactors: { id: userId } })

    expect(codes(await visitor(auth).refresh(refreshToken))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(await rowsOf(auth, 'SELECT 1 FROM auth.mfa_challenges WHERE account_id = $1', [userId])).toEqual([])
    const { accessToken } = signInOf(await visitor(auth).login(email))
    expect(await factorsOf(accessToken)).toEqual({ totp: false, recoveryCodesLeft: 0, passkeys: 0, phone: null })
    const { data } = await auth.ask('{ myAuditLog { edges { node { action actorId details } } } }', {}, accessToken)
    const entries = z
      .object({
        myAuditLog: z.object({
          edges: z.array(
            z.object({ node: z.object({ action: z.string(), actorId: z.null().or(z.string()), details: z.string() }) }),
          ),
        }),
      })
      .parse(data)
      .myAuditLog.edges.map(({ node }) => node)
    const entry = entries.find(({ action }) => action === 'second-factors.reset')
    expect(JSON.parse(entry?.details ?? '')).toEqual({
      reason: 'came by with a passport',
      apps: 1,
      passkeys: 1,
      phones: 1,
    })
    await until(async () => {
      const mails = await auth.ask('query ($to: String!) { developmentMails(to: $to) { subject } }', { to: email })
      return JSON.stringify(mails.data).includes('Your second factors were removed')
    })
  })

  it('is not taken away by who has not proved both of theirs lately, has no right to, or is below', async () => {
    const [weak, nobody, admin] = [
      await withRole('admin', '{pwd}'),
      await withRole('user', '{pwd,otp}'),
      await withRole('admin', '{pop}'),
    ]
    const superadmin = await withRole('superadmin', '{pwd}')
    const { email, userId } = await withEverything()
    expect(codes(await reset(weak.accessToken, userId))).toEqual(['AUTH_STEP_UP_REQUIRED'])
    expect(codes(await reset(nobody.accessToken, userId))).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
    expect(codes(await reset(admin.accessToken, superadmin.userId))).toEqual(['AUTHZ_FORBIDDEN'])
    expect(codes(await reset(admin.accessToken, admin.userId))).toEqual(['AUTHZ_FORBIDDEN'])
    expect(codes(await reset(admin.accessToken, crypto.randomUUID()))).toEqual(['RES_NOT_FOUND'])
    expect(await outcome(email)).toEqual({ __typename: 'MfaChallenge' })
  })

  it('leaves the phone of an account that is found by its number: nobody could sign in to it any more', async () => {
    const admin = await withRole('admin', '{pwd,otp}')
    const door = phoneDoor(auth)
    const { number, login, recoveryCodes } = await door.newcomer()
    expect(codes(await reset(admin.accessToken, login.user.id))).toEqual([])
    const { challengeToken, methods } = door.challengeOf(await door.login(number))
    expect(methods).toEqual(['SMS'])
    expect(codes(await door.complete(challengeToken, recoveryCodes[0] ?? ''))).toEqual(['AUTH_MFA_INVALID'])
  })
})
