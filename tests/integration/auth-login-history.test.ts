import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { z } from 'zod'
import { codes, startAuth, visitor, type StartedAuth } from '../support/start-auth.js'
import { until } from '../support/until.js'

let auth: StartedAuth
beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth.close())

const DAY_MS = 86_400_000
const HISTORY = `query ($first: Int, $after: String) { loginHistory(first: $first, after: $after) {
  edges { cursor node { id at succeeded methods deviceName network } } pageInfo { hasNextPage endCursor } } }`
const page = z.object({
  loginHistory: z.object({
    edges: z.array(
      z.object({ node: z.object({ id: z.string(), succeeded: z.boolean(), methods: z.array(z.string()) }).loose() }),
    ),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
})
async function history(token: string, variables: Record<string, unknown> = {}) {
  const { edges, pageInfo } = page.parse((await auth.ask(HISTORY, variables, token)).data).loginHistory
  return { logins: edges.map(({ node }) => node), ...pageInfo }
}

it('tells its owner who signed in and who tried to: when, by what, on what, about where from', async () => {
  const { email, signIn } = await visitor(auth).newcomer()
  await visitor(auth).login(email, 'wrong gravel teapot')
  const { accessToken } = await signIn()
  await until(async () => (await history(accessToken)).logins.length === 2)

  const { logins, hasNextPage } = await history(accessToken)

  expect(hasNextPage).toBe(false)
  const where = { deviceName: 'Node', network: '127.0.0.0/24', at: expect.stringMatching(/^\d{4}-/) }
  expect(logins).toEqual(
    expect.arrayContaining([
      { id: expect.any(String), succeeded: true, methods: ['PASSWORD'], ...where },
      { id: expect.any(String), succeeded: false, methods: ['PASSWORD'], ...where },
    ]),
  )
})

it('tells nobody of anybody else, and not what else was done to an account', async () => {
  const [one, other] = [await visitor(auth).newcomer(), await visitor(auth).newcomer()]
  await one.signIn()
  const { accessToken } = await other.signIn()
  await auth.ask('mutation { logout }', {}, (await other.signIn()).accessToken)
  expect((await history(accessToken)).logins.map(({ succeeded }) => succeeded)).toEqual([true, true])
  expect(codes(await auth.ask(HISTORY))).toEqual(['AUTH_TOKEN_INVALID'])
})

it('comes in pages, newest first', async () => {
  const { signIn } = await visitor(auth).newcomer()
  for (let n = 0; n < 2; n += 1) await signIn()
  const { accessToken } = await signIn()
  const first = await history(accessToken, { first: 2 })
  const rest = await history(accessToken, { first: 2, after: first.endCursor })
  expect([first.hasNextPage, rest.hasNextPage]).toEqual([true, false])
  const ids = [...first.logins, ...rest.logins].map(({ id }) => Number(id))
  expect(ids).toEqual([...ids].sort((a, b) => b - a))
  expect(ids).toHaveLength(3)
})

it('goes 180 days back', async () => {
  const { signIn } = await visitor(auth).newcomer()
  auth.weather.aheadMs = -181 * DAY_MS
  await signIn()
  auth.weather.aheadMs = -179 * DAY_MS
  await signIn()
  auth.weather.aheadMs = 0
  const { accessToken } = await signIn()
  expect((await history(accessToken)).logins).toHaveLength(2)
})
