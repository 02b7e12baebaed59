import { Agent, request as send } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { createTestIssuer, type TestIssuer } from '../../support/test-tokens.js'
import { shopGraph } from './shop-graph.js'

let graph: TestGraph
let issuer: TestIssuer
let fast: TestGateway
let far: TestGateway

beforeAll(async () => {
  graph = await startTestSubgraphs(shopGraph)
  issuer = await createTestIssuer()
  const options = {
    environment: { GATEWAY_CORS_ORIGINS: 'https://app.example.com', GATEWAY_MAX_DEPTH: '4', GATEWAY_MAX_TOKENS: '300' },
  }
  fast = await startTestGateway(graph.supergraph, { ...options, parts: { verifier: issuer.verifier } })
  far = await startTestGateway(graph.supergraph, { ...options, parts: { verifier: issuer.verifier, plugins: [{}] } })
})
afterAll(async () => {
  await fast.close()
  await far.close()
  await graph.close()
})

interface Sent {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

interface Received {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: unknown
  readonly way: 'front door' | 'fast lane' | 'long way'
}

type Connection = 'keep-alive' | 'close'

/** Express writes its headers in capitals, node:http those of its own. */
function wayOf(rawHeaders: readonly string[]): Received['way'] {
  if (!rawHeaders.includes('content-type')) return 'long way'
  return rawHeaders.includes('date') ? 'front door' : 'fast lane'
}

function ask(gateway: TestGateway, sent: Sent, connection: Connection = 'close', agent?: Agent): Promise<Received> {
  const { method = 'POST', path = '/graphql', headers = { 'content-type': 'application/json' }, body = '' } = sent
  return new Promise((resolve, reject) => {
    const length = method === 'POST' && headers['transfer-encoding'] === undefined
    const all = {
      'x-request-id': 'same',
      connection,
      ...headers,
      ...(length && { 'content-length': Buffer.byteLength(body) }),
    }
    const url = new URL(path, gateway.url)
    const outgoing = send(url, { method, headers: all, agent: agent ?? false }, (incoming) => {
      let text = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (chunk) => (text += chunk))
      incoming.on('end', () => {
        const { date, 'content-length': size, ...rest } = incoming.headers
        const way = wayOf(incoming.rawHeaders)
        resolve({ status: incoming.statusCode, headers: rest, body: withoutStamps(text), way })
        void [date, size]
        if (agent === undefined) outgoing.destroy()
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** The same on every way. */
async function askAll(sent: Sent): Promise<[door: Received, lane: Received]> {
  const [door, long] = [await ask(fast, sent, 'keep-alive'), await ask(far, sent, 'keep-alive')]
  expect({ ...door, way: 'long way' }).toEqual(long)
  const [lane, last] = [await ask(fast, sent, 'close'), await ask(far, sent, 'close')]
  expect({ ...lane, way: 'long way' }).toEqual(last)
  return [door, lane]
}

function withoutStamps(text: string): unknown {
  const stamps = new Set(['traceId', 'timestamp'])
  try {
    return JSON.parse(text, (key, value: unknown) => (stamps.has(key) ? typeof value : value))
  } catch {
    return text.replaceAll(/--[\s\S]*?boundary="?[^"\s]*/g, '')
  }
}

const json = (body: unknown, headers: Readonly<Record<string, string>> = {}): Sent => ({
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
const ME = '{ me { id name } }'

const plain: readonly (readonly [string, Sent])[] = [
  ['a query', json({ query: ME })],
  ['a query with a charset', json({ query: ME }, { 'content-type': 'application/json; charset=utf-8' })],
  ['a query that begins with a byte order mark', json(`\uFEFF${JSON.stringify({ query: ME })}`)],
  [
    'nulls in place of what may be missing',
    json({ query: ME, variables: null, operationName: null, extensions: null }),
  ],
  ['a named operation', json({ query: 'query A { me { id } } query B { me { name } }', operationName: 'B' })],
  ['variables', json({ query: 'query ($no: Boolean!) { me { id name @skip(if: $no) } }', variables: { no: true } })],
  [
    'variables that do not fit',
    json({ query: 'query ($no: Boolean!) { me { id @skip(if: $no) } }', variables: { no: 3 } }),
  ],
  ['introspection', json({ query: '{ __schema { queryType { name } } __typename }' })],
  ['a mutation', json({ query: 'mutation { archive(text: "x") }' })],
  ['an answer of the newer media type', json({ query: ME }, { accept: 'application/graphql-response+json' })],
  ['a listed origin', json({ query: ME }, { origin: 'https://app.example.com' })],
  ['a foreign origin', json({ query: ME }, { origin: 'https://evil.example.com' })],
  ['characters beyond ASCII', json({ query: '{ me { id } } # ünïcödé 🙂' })],
]

const unusual: readonly (readonly [string, Sent])[] = [
  ['a body that is not JSON', json('{"query":')],
  ['a string for a body', json('"x"')],
  ['null for a body', json('null')],
  ['no body', json('')],
  ['a list', json([{ query: ME }])],
  ['no query', json({ variables: {} })],
  ['an empty query', json({ query: '' })],
  ['a query that is a number', json({ query: 1 })],
  ['variables that are a list', json({ query: ME, variables: [] })],
  ['variables that are a string', json({ query: ME, variables: '{}' })],
  ['an operation name that is a number', json({ query: ME, operationName: 7 })],
  ['an empty operation name', json({ query: ME, operationName: '' })],
  ['an operation name there is not', json({ query: 'query A { me { id } }', operationName: 'B' })],
  ['no choice between operations', json({ query: 'query A { me { id } } query B { me { id } }' })],
  ['a syntax error', json({ query: '{ me {' })],
  ['an unknown field', json({ query: '{ me { age } }' })],
  [
    'an unknown field, newer media type',
    json({ query: '{ me { age } }' }, { accept: 'application/graphql-response+json' }),
  ],
  ['too many tokens', json({ query: `{ ${'me { id } '.repeat(200)} }` })],
  ['too deep a query', json({ query: '{ me { reviews { author { reviews { author { id } } } } } }' })],
  ['an unknown persisted query', json({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } })],
  [
    'a persisted query that does not match',
    json({ query: ME, extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }),
  ],
  ['an empty query', json({ query: '' })],
  [
    'a persisted query of a version nobody knows',
    json({ query: ME, extensions: { persistedQuery: { version: 2, sha256Hash: 'a'.repeat(64) } } }),
  ],
  ['extensions that are none', json({ query: ME, extensions: 3 })],
  ['a body that is too long', json({ query: ME, padding: 'x'.repeat(1_100_000) })],
  ['a body in chunks', json({ query: ME }, { 'transfer-encoding': 'chunked' })],
  ['a compressed body that is not', json({ query: ME }, { 'content-encoding': 'gzip' })],
  ['text', json({ query: ME }, { 'content-type': 'text/plain' })],
  ['an unknown charset', json({ query: ME }, { 'content-type': 'application/json; charset=klingon' })],
  ['a media type we do not have', json({ query: ME }, { accept: 'image/png' })],
  ['a forged token', json({ query: ME }, { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' })],
  ['a header that is no token', json({ query: ME }, { authorization: 'Basic dTpw' })],
  ['a GET', { method: 'GET', path: `/graphql?query=${encodeURIComponent(ME)}`, headers: {} }],
  ['a POST with a query string', { ...json({ query: ME }), path: '/graphql?x=1' }],
  [
    'a preflight',
    { method: 'OPTIONS', headers: { origin: 'https://app.example.com', 'access-control-request-method': 'POST' } },
  ],
  ['a DELETE', { method: 'DELETE', headers: {} }],
  ['another path', { ...json({ query: ME }), path: '/nothing' }],
]

describe('all ways to an answer', () => {
  it.each([...plain, ...unusual])('answer %s the same', async (_what, sent) => {
    await askAll(sent)
  })

  it.each(plain)('the short ones are taken for %s', async (_what, sent) => {
    const [door, lane] = await askAll(sent)
    expect([door.way, lane.way]).toEqual(['front door', 'fast lane'])
  })

  it('are open to one connection, as a proxy keeps it for many clients', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const names = [
      ...['a preflight', 'a GET', 'a forged token', 'an unknown persisted query', 'no body', 'text', 'a syntax error'],
      ...['a body that is not JSON', 'a media type we do not have', 'another path', 'a POST with a query string'],
    ]
    const others = unusual.filter(([what]) => names.includes(what))
    expect(others).toHaveLength(names.length)
    for (const [what, sent] of others) {
      await ask(fast, sent, 'keep-alive', agent)
      const { way } = await ask(fast, json({ query: ME }), 'keep-alive', agent)
      expect([what, way]).toEqual([what, 'front door'])
    }
    agent.destroy()
  })

  it('answer a good token and an expired one the same', async () => {
    for (const seconds of [60, -60]) {
      const headers = { authorization: `Bearer ${await issuer.token({ expiresInSeconds: seconds })}` }
      for (const { status } of await askAll(json({ query: ME }, headers))) expect(status).toBe(seconds > 0 ? 200 : 401)
    }
  })

  it('answer the faults of a subgraph the same', async () => {
    const fail = (answer: string) => graph.subgraph('accounts').takeOver((_asked, res) => void res.end(answer))
    for (const answer of ['<html>', JSON.stringify({ errors: [{ message: 'secret' }] })]) {
      fail(answer)
      await askAll(json({ query: ME }))
    }
    graph.subgraph('accounts').reset()
  })

  it.each([
    ['an address behind a trusted machine', '203.0.113.9, 10.0.0.1', '203.0.113.9'],
    ['an address a client made up before its own', '198.51.100.7, 203.0.113.9', '203.0.113.9'],
    ['IPv6', '2001:db8::1', '2001:db8::1'],
    ['what is no address', "not-an-ip'; drop table", '127.0.0.1'],
    ['what is much too long', 'x'.repeat(5_000), '127.0.0.1'],
    ['an address and a port', '203.0.113.9:80', '127.0.0.1'],
  ])('tell subgraphs of %s', async (_what, sent, told) => {
    graph.subgraph('accounts').reset()
    await askAll(json({ query: ME }, { 'x-forwarded-for': sent, 'user-agent': 'Lane' }))
    const { asked } = graph.subgraph('accounts')
    expect(asked.map(({ headers }) => headers['x-forwarded-for'])).toEqual(Array(4).fill(told))
    expect(asked.map(({ headers }) => headers['user-agent'])).toEqual(Array(4).fill('Lane'))
  })

  it('tell subgraphs the same of the client', async () => {
    const sent = json(
      { query: ME },
      { 'x-forwarded-for': '203.0.113.9, 10.0.0.1', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
    )
    graph.subgraph('accounts').reset()
    await askAll(sent)
    const told = graph
      .subgraph('accounts')
      .asked.map(({ headers }) => [
        headers['x-forwarded-for'],
        headers['x-request-id'],
        headers['traceparent']?.slice(0, 35),
      ])
    expect(told).toEqual(Array(4).fill(['203.0.113.9', 'same', `00-${'a'.repeat(32)}`]))
  })
})
