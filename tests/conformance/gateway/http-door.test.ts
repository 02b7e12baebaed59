import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { buildClientSchema, getIntrospectionQuery } from 'graphql'
import { z } from 'zod'
import { errorCodes } from '../../../platform/errors/error-codes.js'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { createTestIssuer, type TestIssuer } from '../../support/test-tokens.js'
import { shopGraph } from './shop-graph.js'

let graph: TestGraph
let gateway: TestGateway
let production: TestGateway
let issuer: TestIssuer

beforeAll(async () => {
  graph = await startTestSubgraphs(shopGraph)
  issuer = await createTestIssuer()
  gateway = await startTestGateway(graph.supergraph, {
    environment: { GATEWAY_MAX_TOKENS: '500', GATEWAY_MAX_DEPTH: '5', GATEWAY_MAX_ALIASES: '4' },
  })
  production = await startTestGateway(graph.supergraph, {
    environment: { NODE_ENV: 'production', GATEWAY_CORS_ORIGINS: 'https://app.example.com' },
    parts: { verifier: issuer.verifier },
  })
})
afterAll(async () => {
  await gateway.close()
  await production.close()
  await graph.close()
})

const persistedAnswer = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ extensions: z.object({ code: z.string() }) })).optional(),
})

async function codesOf(query: string) {
  const { errors = [], status } = await gateway.ask(query)
  return { status, codes: errors.map(({ extensions }) => extensions.code) }
}

describe('an operation that can not run', () => {
  it.each([
    ['does not parse', '{ me {', 'GRAPHQL_PARSE_FAILED'],
    ['asks for an unknown field', '{ me { age } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['has too many tokens', `{ ${'me { id } '.repeat(200)} }`, 'GRAPHQL_PARSE_FAILED'],
    ['is too deep', '{ me { reviews { author { reviews { author { id } } } } } }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'is too deep through fragments',
      '{ me { ...A } } fragment A on User { reviews { author { reviews { author { id } } } } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'has too many aliases',
      '{ a: me { id } b: me { id } c: me { id } d: me { id } e: me { id } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'introspects in circles',
      '{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['aliases the prototype', '{ __proto__: me { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['spreads a fragment into itself', '{ me { ...A } } fragment A on User { id ...A }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'leaves the choice of operation open',
      'query A { me { id } } query B { me { id } }',
      'OPERATION_RESOLUTION_FAILURE',
    ],
  ])('because it %s is refused with a code', async (_why, query, code) => {
    expect(await codesOf(query)).toEqual({ status: 200, codes: [code] })
  })

  it('by a name it does not have is refused', async () => {
    const { status, errors } = await gateway.ask('query A { me { id } }', { operationName: 'B' })
    expect([status, errors?.[0]?.extensions.code]).toEqual([200, 'OPERATION_RESOLUTION_FAILURE'])
  })

  it('runs the operation of the name it is given', async () => {
    const query = 'query A { me { id } } query B { me { name } }'
    expect((await gateway.ask(query, { operationName: 'B' })).data).toEqual({ me: { name: 'Ada' } })
  })
})

describe('a request', () => {
  const post = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    fetch(gateway.url, { method: 'POST', headers, body })
  const code = async (response: Response) => [
    response.status,
    z
      .object({ errors: z.array(z.looseObject({ extensions: z.looseObject({ code: z.string() }) })) })
      .parse(await response.json()).errors[0]?.extensions.code,
  ]

  it('with a body that is not JSON is refused', async () => {
    expect(await code(await post('{"query":'))).toEqual([400, 'REQUEST_BODY_MALFORMED'])
  })

  it('whose body is not what its encoding says is refused', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    expect(await code(await post('{"query":"{ me { id } }"}', headers))).toEqual([400, 'REQUEST_BODY_MALFORMED'])
  })

  it('by the hash of its text is answered once the text is known, and told what is wrong with it otherwise', async () => {
    const query = '{ me { name } }'
    const sha256Hash = createHash('sha256').update(query).digest('hex')
    const ask = async (named: object, version: unknown = 1) => {
      const extensions = { persistedQuery: { version, sha256Hash } }
      const body = JSON.stringify({ ...named, extensions })
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(gateway.url, { method: 'POST', headers, body })
      const { data, errors } = persistedAnswer.parse(await response.json())
      return [response.status, errors?.[0]?.extensions.code ?? data]
    }
    const address = new URL(gateway.url)
    address.search = `?query=&extensions=${JSON.stringify({ persistedQuery: { version: 1, sha256Hash } })}`
    const byAddress = async () => persistedAnswer.parse(await (await fetch(address)).json())
    const unknown = [200, 'PERSISTED_QUERY_NOT_FOUND']
    expect([await ask({}), await ask({ query: '' })]).toEqual([unknown, unknown])
    expect((await byAddress()).errors?.[0]?.extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND')
    const known = [200, { me: { name: 'Ada' } }]
    expect(await ask({ query })).toEqual(known)
    expect([await ask({}), await ask({ query: '' }), await ask({ query: null })]).toEqual([known, known, known])
    expect((await byAddress()).data).toEqual({ me: { name: 'Ada' } })
    const refused = [400, 'BAD_REQUEST']
    expect([await ask({ query: '{ me { id } }' }), await ask({}, 2), await ask({}, null)]).toEqual([
      refused,
      refused,
      refused,
    ])
  })

  it('for a path that does not exist is told where GraphQL is', async () => {
    const nowhere = await fetch(new URL('/nowhere', gateway.url))
    expect(nowhere.headers.get('content-type')).toMatch(/^application\/json/)
    expect(await code(nowhere)).toEqual([errorCodes.RES_NOT_FOUND.status, 'RES_NOT_FOUND'])
  })

  it('larger than 1 MiB is refused', async () => {
    expect(await code(await post(JSON.stringify({ query: '{ me { id } }', padding: 'x'.repeat(1_100_000) })))).toEqual([
      413,
      'REQUEST_BODY_TOO_LARGE',
    ])
  })

  it('that a foreign page could send without asking is refused', async () => {
    expect(await code(await post('{"query":"{ me { id } }"}', { 'content-type': 'text/plain' }))).toEqual([
      400,
      'BAD_REQUEST',
    ])
  })

  it('may be a GET for a query, and not for a mutation', async () => {
    const headers = { 'apollo-require-preflight': '1' }
    const query = await fetch(`${gateway.url}?query=${encodeURIComponent('{ me { id } }')}`, { headers })
    expect(await query.json()).toEqual({ data: { me: { id: 'u1' } } })
    const mutation = await fetch(`${gateway.url}?query=${encodeURIComponent('mutation { archive(text: "x") }')}`, {
      headers,
    })
    expect(mutation.status).toBe(405)
  })

  it('passes its ids, credentials and address on to the subgraphs', async () => {
    graph.subgraph('accounts').reset()
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const headers = {
      authorization: 'Bearer opaque',
      'x-request-id': 'r-1',
      traceparent,
      cookie: 'secret=1',
      'user-agent': `Ada\xff\t${'x'.repeat(300)}`,
    }
    expect((await gateway.ask('{ me { id } }', { headers })).headers.get('x-request-id')).toBe('r-1')
    expect(graph.subgraph('accounts').asked[0]?.headers).toMatchObject({
      authorization: 'Bearer opaque',
      'x-request-id': 'r-1',
      traceparent: expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/),
      'x-forwarded-for': '127.0.0.1',
      'user-agent': `Ada ${'x'.repeat(252)}`,
    })
    expect(graph.subgraph('accounts').asked[0]?.headers).not.toHaveProperty('cookie')
  })
})

describe('an access token, where there is a key set', () => {
  const askWith = async (authorization: string) => {
    const { status, data, errors } = await production.ask('{ me { id } }', { headers: { authorization } })
    return { status, data, code: errors?.[0]?.extensions.code }
  }

  it('is accepted when it is good', async () => {
    expect(await askWith(`Bearer ${await issuer.token()}`)).toMatchObject({ status: 200, data: { me: { id: 'u1' } } })
  })

  it('is refused when it has expired, is forged, or is none', async () => {
    const forged = await (await createTestIssuer()).token()
    const expired = await issuer.token({ expiresInSeconds: -60 })
    expect(await askWith(`Bearer ${expired}`)).toEqual({ status: 401, data: undefined, code: 'AUTH_TOKEN_EXPIRED' })
    expect(await askWith(`Bearer ${forged}`)).toEqual({ status: 401, data: undefined, code: 'AUTH_TOKEN_INVALID' })
    expect(await askWith('Basic dTpw')).toEqual({ status: 401, data: undefined, code: 'AUTH_TOKEN_INVALID' })
  })

  it('is not needed by the gateway itself', async () => {
    expect((await production.ask('{ me { id } }')).status).toBe(200)
  })
})

describe('browsers', () => {
  const preflight = (url: string, origin: string) =>
    fetch(url, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    })

  it('may read answers on the listed origins alone', async () => {
    const allowed = await preflight(production.url, 'https://app.example.com')
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.com')
    expect(allowed.headers.get('access-control-max-age')).toBe('86400')
    const foreign = await preflight(production.url, 'https://evil.example.com')
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
    const studio = await preflight(production.url, 'https://studio.apollographql.com')
    expect(studio.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('may use the hosted Sandbox in development', async () => {
    const studio = await preflight(gateway.url, 'https://studio.apollographql.com')
    expect(studio.headers.get('access-control-allow-origin')).toBe('https://studio.apollographql.com')
  })

  it('are told to be strict, on every answer', async () => {
    for (const path of ['/graphql', '/health', '/nothing']) {
      const { headers } = await fetch(new URL(path, production.url))
      expect(Object.fromEntries(headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'x-xss-protection': '0',
        'strict-transport-security': 'max-age=31536000; includeSubDomains',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      })
    }
  })
})

describe('introspection', () => {
  it('gives clients the whole schema they may see', async () => {
    const open = await startTestGateway(graph.supergraph)
    const { data } = await open.ask(getIntrospectionQuery())
    await open.close()
    const schema = buildClientSchema(JSON.parse(JSON.stringify(data)))
    expect(schema.getQueryType()?.getFields()).toHaveProperty('shelves')
    expect(schema.getType('join__Graph')).toBeUndefined()
  })

  it('is off in production, and so are suggestions', async () => {
    expect((await production.ask('{ __schema { queryType { name } } }')).errors?.[0]?.extensions.code).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    )
    expect((await production.ask('{ mee { id } }')).errors?.[0]?.message).not.toContain('Did you mean')
    expect((await gateway.ask('{ mee { id } }')).errors?.[0]?.message).toContain('Did you mean')
  })
})

describe('readiness', () => {
  it('names each part, and is degraded without a subgraph', async () => {
    const ready = await fetch(new URL('/ready', gateway.url))
    expect(await ready.json()).toMatchObject({
      status: 'up',
      checks: { supergraph: { status: 'up' }, 'subgraph accounts': { status: 'up' } },
    })
    const lonely = await startTestGateway(graph.supergraph, {
      environment: { GATEWAY_SUBGRAPH_URLS: 'shipping=http://127.0.0.1:1/graphql' },
    })
    const degraded = await fetch(new URL('/ready', lonely.url))
    await lonely.close()
    expect([degraded.status, await degraded.json()]).toMatchObject([
      200,
      { status: 'degraded', checks: { 'subgraph shipping': { status: 'degraded' } } },
    ])
  })
})
