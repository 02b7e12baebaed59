import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { projectRoot } from '../../../platform/service/project-root.js'
import { scriptedAuthorization, scriptedVerifier, type ScriptedClaims } from '../../support/scripted-principals.js'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'

/* The house's own graph: what its directives keep from a caller is fetched from no subgraph. The subgraphs judge again. */

const names = ['auth', 'user', 'biometric', 'content', 'ai']
let anySubgraph: Server
let gateway: TestGateway
let asked = 0

beforeAll(async () => {
  anySubgraph = createServer((req, res) => {
    req.resume().on('end', () => {
      asked += 1
      res.setHeader('content-type', 'application/json').end('{"errors":[{"message":"asked"}]}')
    })
  }).listen(0, '127.0.0.1')
  await once(anySubgraph, 'listening')
  const url = `http://127.0.0.1:${(anySubgraph.address() as AddressInfo).port}/graphql`
  const supergraph = readFileSync(path.join(projectRoot, 'schema', 'supergraph.graphql'), 'utf8')
  gateway = await startTestGateway(supergraph, {
    environment: {
      GATEWAY_SUBGRAPH_URLS: names.map((name) => `${name}=${url}`).join(),
      GATEWAY_ACR_LEVELS: 'aal1,aal2',
    },
    parts: { verifier: scriptedVerifier },
  })
})
afterAll(async () => {
  await gateway.close()
  anySubgraph.closeAllConnections()
  await new Promise((resolve) => anySubgraph.close(resolve))
})

const signedIn: [string][] = [
  ['{ mySessions { id } }'],
  ['{ aiRequests { edges { cursor } } }'],
  ['mutation { updateProfile(input: {}) { id } }'],
  ['mutation { logout }'],
]
const permitted: [string, string][] = [
  ['{ user(id: "1") { id } }', 'user:read'],
  ['{ biometricRecords { edges { cursor } } }', 'biometric:read'],
  [
    'mutation ($e: [Float!]!) { enrollBiometric(input: { type: FACE, embedding: $e, modelVersion: "1" }) { id } }',
    'biometric:enroll',
  ],
  ['mutation { deleteContent(id: "1") }', 'content:delete'],
  ['mutation { publishContent(id: "1") { id } }', 'content:publish'],
  ['mutation { generateWithAi(input: { prompt: "x" }) { id } }', 'ai:generate'],
]

async function ask(query: string, claims: ScriptedClaims | null) {
  asked = 0
  const variables = { e: [0.5] }
  const headers = claims === null ? {} : scriptedAuthorization(claims)
  const { errors } = await gateway.ask(query, { headers, ...(query.includes('$e') && { variables }) })
  return { code: errors?.[0]?.extensions.code, asked }
}

describe('in the graph of the house', () => {
  it.each(signedIn)('%s needs a token, or nothing is asked', async (query) => {
    expect(await ask(query, null)).toEqual({ code: 'AUTH_TOKEN_INVALID', asked: 0 })
    expect(await ask(query, {})).toEqual({ code: 'INT_INTERNAL_ERROR', asked: 1 })
  })

  it.each(permitted)('%s needs the permission %s, or nothing is asked', async (query, permission) => {
    expect(await ask(query, null)).toEqual({ code: 'AUTH_TOKEN_INVALID', asked: 0 })
    expect(await ask(query, { scope: 'other:read' })).toEqual({ code: 'AUTHZ_INSUFFICIENT_PERMISSIONS', asked: 0 })
    const signedInNow = { acr: 'aal1', auth_time: Math.floor(Date.now() / 1000) } // some ask for that too
    expect(await ask(query, { scope: permission, ...signedInNow })).toEqual({ code: 'INT_INTERNAL_ERROR', asked: 1 })
  })

  it('taking away a second factor needs a fresh sign-in with it, or nothing is asked', async () => {
    const now = Math.floor(Date.now() / 1000)
    const query = 'mutation { disableMfa }'
    expect(await ask(query, { acr: 'aal1', auth_time: now })).toEqual({ code: 'AUTH_STEP_UP_REQUIRED', asked: 0 })
    expect(await ask(query, { acr: 'aal2', auth_time: now - 400 })).toEqual({ code: 'AUTH_STEP_UP_REQUIRED', asked: 0 })
    expect(await ask(query, { acr: 'aal2', auth_time: now })).toEqual({ code: 'INT_INTERNAL_ERROR', asked: 1 })
  })

  it.each([
    ['mutation { enrollMfa { secret } }', {}],
    ['mutation { deleteBiometric(id: "1") }', { scope: 'biometric:delete' }],
    ['mutation { confirmMfa(code: "1") { codes } }', {}],
    ['mutation { setUserRole(userId: "1", role: USER) { id } }', { scope: 'admin:users' }],
    [
      'mutation { createUser(input: { email: "a@b.example", name: "A", role: USER }) { id } }',
      { scope: 'admin:users' },
    ],
  ])('%s needs a fresh sign-in, with one factor or more, or nothing is asked', async (query, claims) => {
    const now = Math.floor(Date.now() / 1000)
    for (const acr of ['aal1', 'aal2']) {
      const stale = { ...claims, acr, auth_time: now - 400 }
      expect(await ask(query, stale)).toEqual({ code: 'AUTH_STEP_UP_REQUIRED', asked: 0 })
      expect(await ask(query, { ...claims, acr, auth_time: now })).toEqual({ code: 'INT_INTERNAL_ERROR', asked: 1 })
    }
    expect(await ask(query, { ...claims, acr: 'aal0', auth_time: now })).toEqual({
      code: 'AUTH_STEP_UP_REQUIRED',
      asked: 0,
    })
  })

  it('what is open to everybody is asked for', async () => {
    expect(await ask('{ contents { edges { cursor } } }', null)).toEqual({ code: 'INT_INTERNAL_ERROR', asked: 1 })
  })

  it.each([
    ['a password', 'mutation ($p: String!) { login(input: { email: "a@b.example", password: $p }) { __typename } }'],
    [
      'an embedding',
      'mutation ($e: [Float!]!) { submitVerificationFrame(input: { sessionId: "1", nonce: "1", embedding: $e, modelVersion: "1" }) { id } }',
    ],
  ])('no word of a fault is logged where there is %s', async (_what, query) => {
    const before = gateway.log.length
    const headers = scriptedAuthorization({ scope: 'biometric:verify' })
    await gateway.ask(query, { headers, variables: query.includes('$e') ? { e: [0.5] } : { p: 'hunter2' } })
    const said = gateway.log.slice(before).join()
    expect(said).toContain('withheld: the operation is sensitive')
    expect(said).not.toContain('"message":"asked"')
  })
})
