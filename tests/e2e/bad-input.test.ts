import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { createGraphqlClient } from '../../clients/graphql-client.js'
import { agreeToBiometrics } from '../../demo/agree-to-biometrics.js'
import { codesOf, post, postRaw, type RawAnswer } from '../support/raw-request.js'
import { startSupergraph, type Supergraph } from '../support/start-supergraph.js'
import { createFaceSource } from '../support/synthetic-faces.js'
import { createTestIssuer } from '../support/test-tokens.js'

let supergraph: Supergraph
let token: string
let recordId: string
let sessionId: string
const face = createFaceSource(3).person()

const ENROL = 'mutation ($input: EnrollBiometricInput!) { enrollBiometric(input: $input) { id } }'
const SUBMIT =
  'mutation ($input: SubmitVerificationFrameInput!) { submitVerificationFrame(input: $input) { id state } }'
const SESSION = 'query ($id: ID!) { verificationSession(id: $id) { state attemptsLeft } }'
const WATCH = 'subscription ($id: ID!) { verificationProgress(sessionId: $id) { state } }'

const send = (query: string, variables: Record<string, unknown> = {}, as = token) =>
  post(supergraph.url, query, variables, as)
const enrol = (embedding: readonly unknown[], more = {}) =>
  send(ENROL, { input: { type: 'FACE', embedding, modelVersion: 'm1', ...more } })

beforeAll(async () => {
  supergraph = await startSupergraph()
  token = await supergraph.issuer.token()
  const client = createGraphqlClient({ url: supergraph.url, accessToken: () => token })
  await agreeToBiometrics(client)
  const enrolled = await enrol(face.sample())
  recordId = (enrolled.body.data?.['enrollBiometric'] as { id: string }).id
  const started = await send('mutation ($id: ID!) { startVerification(input: { recordId: $id }) { id } }', {
    id: recordId,
  })
  sessionId = (started.body.data?.['startVerification'] as { id: string }).id
}, 60_000)
afterAll(() => supergraph?.close(), 30_000)

/** What all of this must leave as it was. */
async function state(): Promise<unknown> {
  const records = await send('{ biometricRecords(first: 100) { edges { node { id isActive qualityScore } } } }')
  const session = await send(SESSION, { id: sessionId })
  return [records.body.data, session.body.data]
}

async function expectRefused(answer: RawAnswer, code: string, field?: string): Promise<void> {
  expect(codesOf(answer)).toEqual([code])
  const [error] = answer.body.errors ?? []
  expect(error?.message).toMatch(/\.$/)
  if (field !== undefined) expect(error?.extensions?.details?.map((detail) => detail.field)).toEqual([field])
  expect(JSON.stringify(answer.body)).not.toMatch(/127\.0\.0\.1|prisma|SELECT|node_modules|at .*\.js/i)
}

describe('bad input', () => {
  let before: unknown
  beforeAll(async () => {
    before = await state()
  })
  afterAll(async () => {
    expect(await state()).toEqual(before)
  })

  it('refuses an unknown field', async () => {
    expect(codesOf(await send('{ me { shoeSize } }'))).toEqual(['GRAPHQL_VALIDATION_FAILED'])
  })

  it('refuses a syntax error', async () => {
    expect(codesOf(await send('{ me { id '))).toEqual(['GRAPHQL_PARSE_FAILED'])
  })

  it('refuses a wrong type', async () => {
    expect(codesOf(await send(ENROL, { input: { type: 'NOSE', embedding: 'x', modelVersion: 1 } }))).toContain(
      'BAD_USER_INPUT',
    )
  })

  it('repeats no value that is written in the document', async () => {
    const answer = await send('mutation { login(input: { email: "a@b.co", password: 31337 }) { __typename } }')
    await expectRefused(answer, 'GRAPHQL_VALIDATION_FAILED')
    expect(JSON.stringify(answer.body.errors?.[0]?.message)).not.toContain('31337')
  })

  it('refuses over-long text, naming the field', async () => {
    const title = 'x'.repeat(501)
    const answer = await send('mutation ($t: String!) { createContent(input: { title: $t, body: "b" }) { id } }', {
      t: title,
    })
    await expectRefused(answer, 'VAL_FIELD_TOO_LONG', 'input.title')
  })

  it.each([
    ['too short', (good: number[]) => good.slice(1)],
    ['too long', (good: number[]) => [...good, 0.1]],
    ['all zero', (good: number[]) => good.map(() => 0)],
  ])('refuses a vector that is %s, naming the field', async (_kind, spoil) => {
    await expectRefused(await enrol(spoil(face.sample())), 'VAL_VALIDATION_FAILED', 'input.embedding')
  })

  it('refuses infinity and null among the numbers', async () => {
    const body = JSON.stringify({
      query: ENROL,
      variables: { input: { type: 'FACE', embedding: [7], modelVersion: 'm1' } },
    })
    expect(codesOf(await postRaw(supergraph.url, body.replace('[7]', '[1e999]'), token))).toEqual(['BAD_USER_INPUT'])
    expect(codesOf(await postRaw(supergraph.url, body.replace('[7]', '[null]'), token))).toEqual(['BAD_USER_INPUT'])
  })

  it('refuses NaN and any other body that is not JSON', async () => {
    for (const body of ['{"query": NaN}', '{"query"', '', '"text"']) {
      const answer = await postRaw(supergraph.url, body, token)
      expect(answer.status).toBe(400)
      expect(codesOf(answer)).toHaveLength(1)
    }
  })

  it('refuses a body over 1 MiB', async () => {
    const answer = await postRaw(
      supergraph.url,
      JSON.stringify({ query: '{ me { id } }', padding: 'x'.repeat(1_048_577) }),
    )
    expect(answer.status).toBe(413)
    await expectRefused(answer, 'REQUEST_BODY_TOO_LARGE')
  })

  it('refuses an expired token', async () => {
    const expired = await supergraph.issuer.token({ expiresInSeconds: -60 })
    const answer = await send('{ me { id } }', {}, expired)
    expect(answer.status).toBe(401)
    await expectRefused(answer, 'AUTH_TOKEN_EXPIRED')
  })

  it('refuses a forged token', async () => {
    const stranger = await createTestIssuer()
    const answer = await send('{ me { id } }', {}, await stranger.token())
    expect(answer.status).toBe(401)
    await expectRefused(answer, 'AUTH_TOKEN_INVALID')
  })

  it('refuses a token at a subgraph as well, and a principal somebody claims by header', async () => {
    const subgraph = `http://127.0.0.1:${supergraph.ports['biometric']}/graphql`
    const stranger = await createTestIssuer()
    expect(
      codesOf(await post(subgraph, '{ biometricRecords { edges { cursor } } }', {}, await stranger.token())),
    ).toEqual(['AUTH_TOKEN_INVALID'])
    const entities = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on BiometricRecord { id } } }'
    const direct = await post(subgraph, entities, { r: [{ __typename: 'BiometricRecord', id: recordId }] })
    expect(JSON.stringify(direct.body)).not.toContain(`"id":"${recordId}"`)
  })

  it("answers another person's session like a missing one, everywhere", async () => {
    const other = await supergraph.issuer.token()
    const missing = crypto.randomUUID()
    const answers = async (id: string) => {
      const read = await send(SESSION, { id }, other)
      const input = { sessionId: id, nonce: 'any', embedding: face.sample(), modelVersion: 'm1' }
      const written = await send(SUBMIT, { input }, other)
      const cancelled = await send('mutation ($id: ID!) { cancelVerification(id: $id) { id } }', { id }, other)
      return [read.body.data, codesOf(written), codesOf(cancelled), await watchCodes(id, other)]
    }
    const foreign = await answers(sessionId)
    expect(foreign).toEqual(await answers(missing))
    expect(foreign).toEqual([{ verificationSession: null }, ['RES_NOT_FOUND'], ['RES_NOT_FOUND'], ['RES_NOT_FOUND']])
  })

  it.each(['>', '*', '*.*', `${crypto.randomUUID()}.>`, ' ', ''])(
    'cannot be made to stream more by the id "%s"',
    async (id) => {
      const codes = await watchCodes(id, token)
      expect(codes).toHaveLength(1)
      expect(['VAL_INVALID_FORMAT', 'RES_NOT_FOUND']).toContain(codes[0])
    },
  )
})

/** The codes a subscription is refused with. */
async function watchCodes(id: string, as: string): Promise<unknown[]> {
  const client = createClient({
    url: supergraph.url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${as}` },
  })
  try {
    for await (const result of client.iterate({ query: WATCH, variables: { id } })) {
      if (result.errors !== undefined) return result.errors.map((error) => error.extensions?.['code'])
    }
    return ['it ended without a refusal']
  } catch (error) {
    if (!Array.isArray(error)) throw error
    return error.map((one: { extensions?: { code?: string } }) => one.extensions?.code)
  } finally {
    await client.dispose()
  }
}

describe('a WebSocket message out of protocol', () => {
  const open = (protocol = 'graphql-transport-ws') => new WebSocket(supergraph.url.replace(/^http/, 'ws'), protocol)

  async function closeCode(socket: WebSocket, ...messages: string[]): Promise<number> {
    socket.on('open', () => messages.forEach((message) => socket.send(message)))
    return new Promise((resolve) => socket.on('close', resolve))
  }

  it.each([
    ['is not JSON', ['{'], 4400],
    ['is of no known type', ['{"type":"dance"}'], 4400],
    ['asks before it says hello', ['{"id":"1","type":"subscribe","payload":{"query":"{ me { id } }"}}'], 4401],
    ['says hello twice', ['{"type":"connection_init"}', '{"type":"connection_init"}'], 4429],
    ['carries a forged token', ['{"type":"connection_init","payload":{"authorization":"Bearer abc.def.ghi"}}'], 4403],
  ])('that %s closes the socket with the code of the protocol', async (_kind, messages, code) => {
    expect(await closeCode(open(), ...messages)).toBe(code)
  })

  it('larger than 1 MiB closes the socket', async () => {
    expect(await closeCode(open(), JSON.stringify({ type: 'ping', payload: { x: 'x'.repeat(1_100_000) } }))).toBe(1009)
  })

  it('is not taken from a page of another origin', async () => {
    const socket = new WebSocket(supergraph.url.replace(/^http/, 'ws'), 'graphql-transport-ws', {
      origin: 'https://evil.example',
    })
    const refused = await new Promise((resolve) => {
      socket.on('error', () => resolve(true))
      socket.on('close', (code: number) => resolve(code !== 1000))
      socket.on('open', () => socket.send('{"type":"connection_init"}'))
      socket.on('message', () => resolve(false))
    })
    expect(refused).toBe(true)
  })
})
