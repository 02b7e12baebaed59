/** How often what costs a row or an entry of the log may be begun: by networks, of which one IPv6 customer has 2^64 addresses. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { startAuth, visitor, rowsOf, type StartedAuth } from '../support/start-auth.js'

let auth: StartedAuth
beforeAll(async () => {
  auth = await startAuth({ passkeyOrigins: ['http://localhost:3000'] })
})
afterAll(() => auth.close())

const BEGIN = 'mutation { beginPasskeyLogin { challenge } }'
const answered = z.object({ errors: z.array(z.object({ extensions: z.object({ code: z.string() }) })).default([]) })

/** The codes a request from this address is refused with. */
async function refusals(address: string, query: string, token?: string): Promise<readonly string[]> {
  const response = await fetch(`http://127.0.0.1:${auth.port}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': address,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
  })
  return answered.parse(await response.json()).errors.map(({ extensions }) => extensions.code)
}

/** How many of so many were allowed. */
async function allowed(most: number, attempt: (n: number) => ReturnType<typeof refusals>): Promise<number> {
  let count = 0
  for (let n = 0; n < most; n += 1) {
    const refused = await attempt(n)
    if (refused.length === 0) count += 1
    else expect(refused).toEqual(['RATE_LIMIT_EXCEEDED'])
  }
  return count
}

describe('challenges for passkeys', () => {
  it('are given to strangers three hundred times for a network, whichever of its addresses they ask from', async () => {
    expect(await allowed(305, (n) => refusals(`2001:db8:0:1::${n.toString(16)}`, BEGIN))).toBe(300)
    expect(await refusals('2001:db8:0:2::1', BEGIN)).toEqual([])
    expect(await refusals('192.0.2.1', BEGIN)).toEqual([])
  })

  it('are given to somebody signed in sixty times, from wherever they ask', async () => {
    const { accessToken } = await (await visitor(auth).newcomer()).signIn()
    const begin = 'mutation { beginPasskeyRegistration { challenge } }'
    expect(await allowed(62, (n) => refusals(`192.0.2.${n}`, begin, accessToken))).toBe(60)
  })
})

it('a second factor is asked for where passkeys are not in use any more, by what is left of it', async () => {
  const without = await startAuth()
  const { email, signIn } = await visitor(without).newcomer()
  const { user } = await signIn()
  const sql = `INSERT INTO auth.passkeys (id, account_id, credential_id, public_key, counter, is_backup_eligible, is_backed_up, name, created_at)
    VALUES ($1, $1, '\\x01', '', 0, false, false, 'phone', now())`
  await rowsOf(without, sql, [user.id])
  await rowsOf(without, "INSERT INTO auth.recovery_codes VALUES ('\\x01', $1)", [user.id])
  const query = 'mutation ($input: LoginInput!) { login(input: $input) { __typename ... on MfaChallenge { methods } } }'
  const { data } = await without.ask(query, { input: { email, password: 'winding gravel teapot' } })
  expect(data).toEqual({ login: { __typename: 'MfaChallenge', methods: ['RECOVERY_CODE'] } })
  await without.close()
})
