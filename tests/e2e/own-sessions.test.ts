import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { startSupergraph, type Supergraph } from '../support/start-supergraph.js'

let supergraph: Supergraph

beforeAll(async () => {
  supergraph = await startSupergraph()
}, 60_000)
afterAll(() => supergraph?.close(), 30_000)

it('a session shows the program and the address its person signed in from, through the gateway', async () => {
  const [email, password] = ['ada@example.com', 'winding gravel teapot']
  const send = async (query: string) => {
    const response = await fetch(supergraph.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Browser/1.0' },
      body: JSON.stringify({ query }),
    })
    return response.json()
  }
  await send(`mutation { register(input: { email: "${email}", password: "${password}", name: "Ada" }) { email } }`)
  expect(
    await send(
      `mutation { login(input: { email: "${email}", password: "${password}" }) { ... on AuthPayload { session { userAgent ipAddress } } } }`,
    ),
  ).toEqual({ data: { login: { session: { userAgent: 'Browser/1.0', ipAddress: '127.0.0.1' } } } })
})
