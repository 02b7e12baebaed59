import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { z } from 'zod'
import { startSupergraph, type Supergraph } from '../support/start-supergraph.js'
import { until } from '../support/until.js'

const email = 'root@example.com'
let supergraph: Supergraph

beforeAll(async () => {
  supergraph = await startSupergraph({ AUTH_SUPERADMINS: email })
}, 60_000)
afterAll(() => supergraph?.close(), 30_000)

const answered = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.object({ extensions: z.object({ code: z.string() }) })).default([]),
})

async function ask(query: string, token?: string, url = supergraph.url) {
  const headers = {
    'content-type': 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })
  const { data, errors } = answered.parse(await response.json())
  return { data, codes: errors.map(({ extensions }) => extensions.code) }
}

/** By the mail that asks for a new password, whose link proves the address that configuration names. */
async function superadmin(): Promise<string> {
  const password = 'thistle orbit lantern'
  await ask(
    `mutation { register(input: { email: "${email}", password: "winding gravel teapot", name: "Root" }) { email } }`,
  )
  await ask(`mutation { requestPasswordReset(email: "${email}") { email } }`)
  let token = ''
  await until(async () => {
    const { data } = await ask(`{ developmentMails(to: "${email}") { text } }`)
    token = /reset-password#token=([\w-]{43})/.exec(JSON.stringify(data))?.[1] ?? ''
    return token !== ''
  })
  await ask(`mutation { resetPassword(input: { token: "${token}", newPassword: "${password}" }) }`)
  const { data } = await ask(
    `mutation { login(input: { email: "${email}", password: "${password}" }) { ... on AuthPayload { accessToken } } }`,
  )
  return z.object({ login: z.object({ accessToken: z.string() }) }).parse(data).login.accessToken
}

it('a program is somebody to the gateway and to subgraphs: it may what its scopes say, and nothing else', async () => {
  const root = await superadmin()
  const made = await ask(
    `mutation { createServiceClient(input: { name: "Importer", scopes: ["content:read", "content:write"] })
      { clientSecret client { id } } }`,
    root,
  )
  const { clientSecret, client } = z
    .object({ createServiceClient: z.object({ clientSecret: z.string(), client: z.object({ id: z.string() }) }) })
    .parse(made.data).createServiceClient
  const issued = await ask(
    `mutation { issueServiceToken(input: { clientId: "${client.id}", clientSecret: "${clientSecret}" }) { accessToken } }`,
  )
  const { accessToken } = z
    .object({ issueServiceToken: z.object({ accessToken: z.string() }) })
    .parse(issued.data).issueServiceToken

  const write = 'mutation { createContent(input: { title: "Imported", body: "..." }) { id author { id } } }'
  expect((await ask(write, accessToken)).data).toMatchObject({ createContent: { author: { id: client.id } } })
  expect((await ask('{ myPermissions }', accessToken)).data).toEqual({
    myPermissions: ['content:read', 'content:write'],
  })
  const generate = 'mutation { generateWithAi(input: { prompt: "Hello" }) { id } }'
  expect((await ask(generate, accessToken)).codes).not.toEqual([])
  const direct = `http://127.0.0.1:${supergraph.ports['ai']}/graphql`
  expect((await ask(generate, accessToken, direct)).codes).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
  expect((await ask(`mutation { disableServiceClient(id: "${client.id}") { id } }`, root)).codes).toEqual([])
  for (const url of [supergraph.url, direct]) {
    await until(async () => (await ask('{ aiModels { id } }', accessToken, url)).codes.includes('AUTH_TOKEN_INVALID'))
  }
  expect(await supergraph.written()).not.toContain(clientSecret)
}, 30_000)
