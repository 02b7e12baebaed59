import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import { openSigningKeys } from '../../subgraphs/auth/tokens/signing-keys.js'
import { createTestIssuer, type TestIssuer } from '../support/test-tokens.js'
import { createAccessTokenVerifier, type AccessTokenVerifier } from '../../platform/identity/access-token-verifier.js'

/*
 * The key set as it is read from auth: new keys are found, and forged tokens with keys that do not exist cause no flood.
 */
let server: Server
let fetches: number
let published: TestIssuer[]
let verifier: AccessTokenVerifier

beforeEach(async () => {
  fetches = 0
  published = [await createTestIssuer()]
  server = createServer(async (_req, res) => {
    fetches += 1
    const { publicSet } = await openSigningKeys(published.flatMap(({ signingKeys }) => signingKeys))
    res.end(JSON.stringify(publicSet))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  verifier = createAccessTokenVerifier({
    issuer: 'http://auth.test',
    audience: 'biometrics',
    keys: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
  })
})
afterEach(() => {
  jest.restoreAllMocks()
  server.close()
})

const verify = async (issuer: TestIssuer) => verifier.verify(await issuer.token())

/** The clock that the key set is aged by. */
function pass(ms: number): void {
  const later = Date.now() + ms
  jest.spyOn(Date, 'now').mockImplementation(() => later)
}

it('a key that is published later is found by the first token it signed', async () => {
  const [first] = published
  const second = await createTestIssuer()
  if (first === undefined) throw new Error('no issuer')
  await verify(first)
  published.push(second)
  pass(6_000)
  expect((await verify(second)).roles).toEqual(['user'])
  expect(fetches).toBe(2)
})

it('two hundred forged tokens of unknown keys cause one look at the key set', async () => {
  const [first] = published
  const forger = await createTestIssuer()
  if (first === undefined) throw new Error('no issuer')
  await verify(first)
  pass(6_000)
  const forged = await Promise.all(Array.from({ length: 200 }, () => forger.token()))
  const answers = await Promise.allSettled(forged.map((token) => Promise.resolve(verifier.verify(token))))
  expect(answers.every(({ status }) => status === 'rejected')).toBe(true)
  expect(fetches).toBe(2)
  expect((await verify(first)).roles).toEqual(['user'])
})
