import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { z } from 'zod'
import { serviceNames } from '../../launcher/config.js'
import { startSupergraph, type Supergraph } from '../support/start-supergraph.js'
import { until } from '../support/until.js'

/*
 * Access tokens live for a quarter of an hour. What ends them before that ends them everywhere: at the gateway, and at each
 * subgraph asked behind its back.
 */
const root = 'root@example.com'
const password = 'winding gravel teapot'
const next = 'thistle orbit lantern'
const pair = 'accessToken refreshToken session { id } user { id }'

let supergraph: Supergraph

beforeAll(async () => {
  supergraph = await startSupergraph({ AUTH_SUPERADMINS: root })
}, 60_000)
afterAll(() => supergraph?.close(), 30_000)

const answer = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.object({ message: z.string(), extensions: z.object({ code: z.string() }) })).default([]),
})
const signIn = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  session: z.object({ id: z.string() }),
  user: z.object({ id: z.string() }),
})

async function ask(query: string, token?: string, url = supergraph.url) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query }),
  })
  return answer.parse(await response.json())
}

async function login(email: string, secret = password) {
  const { data } = await ask(
    `mutation { login(input: { email: "${email}", password: "${secret}" }) { ... on AuthPayload { ${pair} } } }`,
  )
  return signIn.parse(data?.['login'])
}

async function newcomer() {
  const email = `person-${crypto.randomUUID()}@example.com`
  await ask(`mutation { register(input: { email: "${email}", password: "${password}", name: "Ada" }) { email } }`)
  return { email, ...(await login(email)) }
}

/** The first superadmin: who proved to read the mail of an address that configuration names. */
async function superadmin(): Promise<string> {
  await ask(`mutation { register(input: { email: "${root}", password: "${password}", name: "Root" }) { email } }`)
  await ask(`mutation { requestPasswordReset(email: "${root}") { email } }`)
  let token = ''
  await until(async () => {
    const mails = await ask(`{ developmentMails(to: "${root}") { text } }`)
    token = /reset-password#token=([\w-]{43})/.exec(JSON.stringify(mails))?.[1] ?? ''
    return token !== ''
  })
  await ask(`mutation { resetPassword(input: { token: "${token}", newPassword: "${next}" }) }`)
  return (await login(root, next)).accessToken
}

/** Where a token is shown: the gateway, by both of its ways, and every subgraph. */
function places(): readonly string[] {
  return [supergraph.url, ...serviceNames.map((name) => `http://127.0.0.1:${supergraph.ports[name]}/graphql`)]
}

const codesAt = (token: string) =>
  Promise.all(
    places().map(async (url) => (await ask('{ __typename }', token, url)).errors[0]?.extensions.code ?? 'good'),
  )

async function expectGood(token: string) {
  expect(new Set(await codesAt(token))).toEqual(new Set(['good']))
}

async function expectRefused(token: string) {
  await until(async () => (await codesAt(token)).every((code) => code === 'AUTH_TOKEN_INVALID'))
  expect((await ask('{ me { id } }', token)).errors[0]?.message).toBe('This session was ended: sign in again.')
}

it('a token is refused everywhere after logout, and that of another device is not', async () => {
  const { email, accessToken } = await newcomer()
  const elsewhere = await login(email)
  await expectGood(accessToken)
  expect((await ask('mutation { logout }', accessToken)).data).toEqual({ logout: true })
  await expectRefused(accessToken)
  await expectGood(elsewhere.accessToken)
})

it('tokens of a revoked session, and of all sessions, are refused everywhere', async () => {
  const { email, accessToken } = await newcomer()
  const [lost, third] = [await login(email), await login(email)]
  await ask(`mutation { revokeSession(id: "${lost.session.id}") { id } }`, accessToken)
  await expectRefused(lost.accessToken)
  await expectGood(accessToken)
  await ask('mutation { logoutAll }', accessToken)
  await expectRefused(accessToken)
  await expectRefused(third.accessToken)
})

it('tokens of other sessions are refused everywhere after a new password', async () => {
  const { email, accessToken } = await newcomer()
  const other = await login(email)
  await ask(
    `mutation { changePassword(input: { currentPassword: "${password}", newPassword: "${next}" }) }`,
    accessToken,
  )
  await expectRefused(other.accessToken)
  await expectGood(accessToken)
})

it('tokens of a person who is locked are refused everywhere, and new ones are good after the lock', async () => {
  const admin = await superadmin()
  const { email, user, accessToken } = await newcomer()
  const { data } = await ask(`mutation { lockUser(userId: "${user.id}", reason: "stolen phone") { lockedAt } }`, admin)
  expect(data?.['lockUser']).toEqual({ lockedAt: expect.any(String) })
  await expectRefused(accessToken)
  // also one that no session of theirs is known of: signed for them by whoever signs for this house
  await expectRefused(await supergraph.issuer.token({ userId: user.id, expiresInSeconds: 600 }))
  await ask(`mutation { unlockUser(userId: "${user.id}") { id } }`, admin)
  await until(async () => (await codesAt((await login(email)).accessToken)).every((code) => code === 'good'))
})

it('every process says in /ready that it knows which tokens have ended', async () => {
  const ready = places().map((url) => url.replace('/graphql', '/ready'))
  for (const url of ready) {
    const { checks } = z.object({ checks: z.record(z.string(), z.unknown()) }).parse(await (await fetch(url)).json())
    expect(checks['ended tokens']).toMatchObject({ status: 'up' })
  }
})
