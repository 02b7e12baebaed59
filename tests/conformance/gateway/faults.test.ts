import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { answerJson, startTestSubgraphs, type TakeOver, type TestGraph } from '../../support/test-subgraphs.js'
import { createGate } from '../../support/until.js'
import { shopGraph } from './shop-graph.js'

let graph: TestGraph
let gateway: TestGateway

beforeAll(async () => {
  graph = await startTestSubgraphs(shopGraph)
  gateway = await startTestGateway(graph.supergraph, {
    environment: { GATEWAY_SUBGRAPH_TIMEOUT_MS: '300', GATEWAY_SUBGRAPH_MAX_RESPONSE_BYTES: '100000' },
  })
})
afterAll(async () => {
  await gateway.close()
  await graph.close()
})

beforeEach(() => {
  for (const name of Object.keys(shopGraph)) graph.subgraph(name).reset()
})

const query = '{ me { name } latestReview { body } }'

/** What a client learns of errors: everything but ids and times. */
async function refusals(document: string) {
  const { data, errors = [] } = await gateway.ask(document)
  return {
    data,
    errors: errors.map(({ path, extensions: { code, service } }) => ({ path, code, service })),
    text: JSON.stringify(errors),
  }
}

describe('a subgraph that fails', () => {
  it.each<[string, string, TakeOver]>([
    ['hangs', 'SUBGRAPH_TIMEOUT', () => undefined],
    [
      'answers an HTML page',
      'SUBGRAPH_BAD_RESPONSE',
      (_, res) => void res.setHeader('content-type', 'text/html').end('<h1>502</h1>'),
    ],
    [
      'answers broken JSON',
      'SUBGRAPH_BAD_RESPONSE',
      (_, res) => void res.setHeader('content-type', 'application/json').end('{"data":'),
    ],
    ['answers something that is not GraphQL', 'SUBGRAPH_BAD_RESPONSE', (_, res) => answerJson(res, ['data'])],
    ['answers neither data nor errors', 'SUBGRAPH_BAD_RESPONSE', (_, res) => answerJson(res, { data: null })],
    [
      'answers too much',
      'SUBGRAPH_BAD_RESPONSE',
      (_, res) => answerJson(res, { data: { latestReview: { body: 'x'.repeat(200_000) } } }),
    ],
    [
      'cuts the answer off',
      'SUBGRAPH_UNAVAILABLE',
      (_, res) => void (res.writeHead(200, { 'content-length': 99 }), res.write('{'), res.destroy()),
    ],
  ])('that %s costs its own fields alone', async (_what, code, takeOver) => {
    graph.subgraph('opinions').takeOver(takeOver)
    const { data, errors } = await refusals(query)
    expect(data).toEqual({ me: { name: 'Ada' }, latestReview: null })
    expect(errors).toEqual([{ path: ['latestReview'], code, service: 'opinions' }])
  })

  it('is written of with the request it failed', async () => {
    graph.subgraph('opinions').takeOver((_, res) => void res.destroy())
    await gateway.ask(query, { headers: { 'x-request-id': 'r-of-the-fault' } })
    const lines = gateway.log.filter((line) => line.includes('a fetch from a subgraph failed'))
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ requestId: 'r-of-the-fault', service: 'opinions' })
  })

  it('costs one error for all the entities it was to answer, at the place they share', async () => {
    graph.subgraph('shipping').takeOver((_, res) => void res.destroy())
    const { data, errors } = await refusals('{ shelves { title ... on Book { shippingCost } } }')
    expect(data?.['shelves']).toContainEqual([
      { title: 'TAPL', shippingCost: null },
      { title: 'SICP', shippingCost: null },
    ])
    expect(errors).toEqual([{ path: ['shelves'], code: 'SUBGRAPH_UNAVAILABLE', service: 'shipping' }])
  })

  it('answers a wrong number of entities in vain', async () => {
    graph.subgraph('opinions').takeOver((_, res) => answerJson(res, { data: { _entities: [] } }))
    const { data, errors } = await refusals('{ me { name reviews { body } } users { name } }')
    expect(data).toEqual({ me: null, users: [{ name: 'Ada' }, { name: 'Grace' }] })
    expect(errors).toEqual([{ path: ['me'], code: 'SUBGRAPH_BAD_RESPONSE', service: 'opinions' }])
  })

  it('is asked once more when it closed an idle connection, but not for a mutation', async () => {
    const accounts = graph.subgraph('accounts')
    let cut = 0
    accounts.takeOver(async (asked, res) => {
      if (cut++ === 0) res.destroy()
      else answerJson(res, await asked.execute())
    })
    expect((await refusals('{ me { name } }')).errors).toEqual([])
    cut = 0
    expect((await refusals('mutation { write(text: "1") { entries } }')).errors).toEqual([
      { path: ['write'], code: 'SUBGRAPH_UNAVAILABLE', service: 'accounts' },
    ])
    expect(accounts.asked).toHaveLength(3)
  })
})

describe('an error a subgraph answers with', () => {
  it('keeps a known code and its message, and nothing else', async () => {
    const { errors } = await gateway.ask('{ failing }')
    expect(errors).toEqual([
      {
        message: 'There is no such thing.',
        path: ['failing'],
        extensions: {
          code: 'RES_NOT_FOUND',
          service: 'accounts',
          traceId: expect.any(String),
          timestamp: expect.any(String),
        },
      },
    ])
  })

  it('is masked when its code is not known, and logged', async () => {
    const { errors, text } = await refusals('{ hiddenFault }')
    expect(errors).toEqual([{ path: ['hiddenFault'], code: 'INT_INTERNAL_ERROR', service: 'accounts' }])
    expect(text).not.toContain('10.0.0.7')
    expect(gateway.log.join()).toContain('10.0.0.7')
  })

  it('stands at every place of the entity it is about', async () => {
    graph.subgraph('accounts').takeOver(async (asked, res) => {
      const result: unknown = asked.query.includes('_entities')
        ? {
            data: { _entities: [{ nickname: 'ada' }, null] },
            errors: [{ message: 'No.', path: ['_entities', 1, 'nickname'], extensions: { code: 'AUTHZ_FORBIDDEN' } }],
          }
        : await asked.execute()
      answerJson(res, result)
    })
    const { errors } = await refusals('{ products { ... on Book { reviews { author { nickname } } } } }')
    expect(errors).toEqual([
      { path: ['products', 0, 'reviews', 1, 'author', 'nickname'], code: 'AUTHZ_FORBIDDEN', service: 'accounts' },
    ])
    const repeated = await refusals(
      '{ a: products { reviews { author { nickname } } } shelves { reviews { author { nickname } } } }',
    )
    expect(repeated.errors.map(({ path }) => path?.join('.'))).toEqual([
      'a.0.reviews.1.author.nickname',
      'shelves.0.0.reviews.1.author.nickname',
      'shelves.2.1.reviews.1.author.nickname',
    ])
  })
})

describe('nulls', () => {
  it('in a place that must not be null rise to the next that may be, with one error', async () => {
    graph.subgraph('catalogue').takeOver((_, res) =>
      answerJson(res, {
        data: {
          search: [],
          products: [{ __typename: 'Book', upc: 'b1', title: null }],
          product: { __typename: 'Book', title: null },
        },
      }),
    )
    const { data, errors } = await gateway.ask('{ product(upc: "b1") { title } me { name } }')
    expect(data).toEqual({ product: null, me: { name: 'Ada' } })
    expect(errors).toMatchObject([
      {
        message: 'Cannot return null for non-nullable field Book.title.',
        path: ['product', 'title'],
        extensions: { code: 'SUBGRAPH_BAD_RESPONSE' },
      },
    ])
  })

  it('rise to the top when nothing on the way may be null', async () => {
    graph
      .subgraph('catalogue')
      .takeOver((_, res) =>
        answerJson(res, { data: { products: [{ __typename: 'Book', title: 'A' }, { __typename: 'Film' }] } }),
      )
    const { data, errors } = await refusals('{ products { title } me { name } }')
    expect(data).toBeNull()
    expect(errors).toEqual([{ path: ['products', 1, 'title'], code: 'SUBGRAPH_BAD_RESPONSE' }])
  })

  it('that a subgraph has explained are not explained again', async () => {
    const { data, errors } = await refusals('{ secret }')
    expect(data).toBeNull()
    expect(errors).toEqual([{ path: ['secret'], code: 'INT_INTERNAL_ERROR', service: 'accounts' }])
  })

  it('stand for values that clients must not see or that do not fit', async () => {
    const { data, errors, text } = await refusals('{ products { title condition } }')
    expect(data).toEqual({
      products: [
        { title: 'SICP', condition: 'NEW' },
        { title: 'TAPL', condition: null },
        { title: 'Tron', condition: 'NEW' },
      ],
    })
    expect(errors).toEqual([{ path: ['products', 1, 'condition'], code: 'SUBGRAPH_BAD_RESPONSE' }])
    expect(text).not.toContain('DAMAGED')
  })

  it('stand for objects of types that may not be there', async () => {
    graph
      .subgraph('catalogue')
      .takeOver((_, res) => answerJson(res, { data: { product: { __typename: 'Shelf', title: 'x' } } }))
    const { data, errors } = await refusals('{ product(upc: "b1") { title } }')
    expect(data).toEqual({ product: null })
    expect(errors).toEqual([{ path: ['product'], code: 'SUBGRAPH_BAD_RESPONSE' }])
  })
})

describe('a client that goes away', () => {
  it('takes the fetches under way with it', async () => {
    const gone = createGate()
    const asked = createGate()
    graph.subgraph('accounts').takeOver((_, res) => {
      res.once('close', gone.open)
      asked.open()
    })
    const client = new AbortController()
    const answer = gateway.ask('{ me { name reviews { id } } }', { signal: client.signal })
    await asked.opened
    client.abort()
    await expect(answer).rejects.toThrow()
    await gone.opened
    expect(graph.subgraph('opinions').asked).toEqual([])
  })
})

describe('what a subgraph sends', () => {
  it('can not reach the prototypes of the gateway', async () => {
    graph.subgraph('accounts').takeOver((_, res) => {
      res.setHeader('content-type', 'application/json')
      res.end('{"data":{"me":{"name":"Ada","__proto__":{"polluted":true}},"__proto__":{"polluted":true}}}')
    })
    expect((await refusals('{ me { name } }')).data).toEqual({ me: { name: 'Ada' } })
    expect('polluted' in {}).toBe(false)
  })
})

describe('a subgraph that is down', () => {
  it('is named, and its address is not', async () => {
    const { port } = new URL(graph.subgraph('opinions').url)
    await graph.subgraph('opinions').stop()
    const { data, errors, text } = await refusals(query)
    expect(data).toEqual({ me: { name: 'Ada' }, latestReview: null })
    expect(errors).toEqual([{ path: ['latestReview'], code: 'SUBGRAPH_UNAVAILABLE', service: 'opinions' }])
    expect(text).not.toContain(port)
    expect(text).not.toContain('ECONNREFUSED')
  })
})
