import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { askInParts, deferAccept, mergeParts, type AnswerPart } from '../../support/multipart.js'
import { startTestGateway, type AskOptions, type TestGateway } from '../../support/test-gateway.js'
import { answerJson, startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { createGate, until } from '../../support/until.js'
import { shopGraph } from './shop-graph.js'

let graph: TestGraph
let gateway: TestGateway

beforeAll(async () => {
  graph = await startTestSubgraphs(shopGraph)
  gateway = await startTestGateway(graph.supergraph)
})
afterAll(async () => {
  await gateway.close()
  await graph.close()
})
beforeEach(() => {
  for (const name of Object.keys(shopGraph)) graph.subgraph(name).reset()
})

async function allParts(query: string, options: AskOptions & { accept?: string } = {}): Promise<AnswerPart[]> {
  const { parts } = await askInParts(gateway.url, query, options)
  const all: AnswerPart[] = []
  for await (const part of parts) all.push(part)
  return all
}

/** Holds back a subgraph's answers until the gate opens. */
function holdBack(name: string) {
  const gate = createGate()
  graph.subgraph(name).takeOver(async (asked, res) => {
    await gate.opened
    answerJson(res, await asked.execute())
  })
  return gate
}

const deferredReviews = '{ me { name ... @defer(label: "later") { reviews { id } } } }'
const myReviews = [{ id: 'r1' }, { id: 'r3' }, { id: 'r4' }]

describe('@defer', () => {
  it('sends what is not deferred first, while the rest is still being fetched', async () => {
    const gate = holdBack('opinions')
    const { parts, contentType } = await askInParts(gateway.url, deferredReviews)
    expect(contentType).toBe('multipart/mixed; boundary="-"; deferSpec=20220824')
    expect((await parts.next()).value).toEqual({ data: { me: { name: 'Ada' } }, hasNext: true })
    gate.open()
    expect((await parts.next()).value).toEqual({
      incremental: [{ data: { reviews: myReviews }, path: ['me'], label: 'later' }],
      hasNext: false,
    })
    expect((await parts.next()).done).toBe(true)
  })

  it('announces and numbers the places to come for clients of the newer form', async () => {
    expect(await allParts(deferredReviews, { accept: deferAccept['v0.2'] })).toEqual([
      { data: { me: { name: 'Ada' } }, pending: [{ id: '0', path: ['me'], label: 'later' }], hasNext: true },
      { incremental: [{ id: '0', data: { reviews: myReviews } }], completed: [{ id: '0' }], hasNext: false },
    ])
  })

  it.each([
    ['application/json', 'that does not know it'],
    ['*/*', 'that takes anything'],
    ['multipart/mixed, application/json', 'that does not say which form'],
  ])('is ignored for a client with accept: %s', async (accept) => {
    const answer = await gateway.ask(deferredReviews, { headers: { accept } })
    expect(answer).toMatchObject({ status: 200, data: { me: { name: 'Ada', reviews: myReviews } } })
    expect(answer.errors).toBeUndefined()
  })

  it('sends each place of a list by its path', async () => {
    const parts = await allParts('{ users { name ... @defer { reviews { id } } } }')
    expect(parts).toEqual([
      { data: { users: [{ name: 'Ada' }, { name: 'Grace' }] }, hasNext: true },
      {
        incremental: [
          { data: { reviews: myReviews }, path: ['users', 0] },
          { data: { reviews: [{ id: 'r2' }] }, path: ['users', 1] },
        ],
        hasNext: false,
      },
    ])
    expect(graph.subgraph('opinions').asked).toHaveLength(1)
  })

  it('sends parts in parts after what they stand in, however early they are there', async () => {
    const gate = holdBack('opinions')
    const query = `{ me { id ... @defer(label: "outer") { reviews { id } ... @defer(label: "inner") { email } } } }`
    const { parts } = await askInParts(gateway.url, query, { accept: deferAccept['v0.2'] })
    expect((await parts.next()).value).toMatchObject({ pending: [{ id: '0', label: 'outer' }] })
    await until(() => graph.subgraph('accounts').asked.length === 2)
    gate.open()
    expect((await parts.next()).value).toMatchObject({
      pending: [{ id: '1', path: ['me'], label: 'inner' }],
      incremental: [
        { id: '0', data: { reviews: myReviews } },
        { id: '1', data: { email: 'ada@example.com' } },
      ],
      completed: [{ id: '0' }, { id: '1' }],
      hasNext: false,
    })
  })

  it('takes what is deferred at the root from fetches of its own', async () => {
    const parts = await allParts('{ users { id } ... @defer { users { name reviews { id } } __typename } }')
    expect(parts[0]).toEqual({ data: { users: [{ id: 'u1' }, { id: 'u2' }] }, hasNext: true })
    expect(parts[1]).toMatchObject({ incremental: [{ path: [], data: { __typename: 'Query' } }] })
    expect(mergeParts(parts)).toEqual({
      __typename: 'Query',
      users: [
        { id: 'u1', name: 'Ada', reviews: myReviews },
        { id: 'u2', name: 'Grace', reviews: [{ id: 'r2' }] },
      ],
    })
  })

  it('answers introspection and everything there is in a part', async () => {
    const parts = await allParts('{ ... @defer { __schema { queryType { name } } } me { id } }')
    expect(mergeParts(parts)).toEqual({ __schema: { queryType: { name: 'Query' } }, me: { id: 'u1' } })
  })

  it('goes by the type of each object', async () => {
    const query = `{ products {
      title ... on Book @defer(label: "book") { shippingCost } ... on Film @defer(label: "film") { inStock }
    } }`
    const parts = await allParts(query)
    const places = parts.slice(1).flatMap((part) => Reflect.get(part, 'incremental'))
    expect(places).toHaveLength(3)
    expect(places).toEqual(
      expect.arrayContaining([
        { label: 'book', path: ['products', 0], data: { shippingCost: 9 } },
        { label: 'book', path: ['products', 1], data: { shippingCost: 0 } },
        { label: 'film', path: ['products', 2], data: { inStock: false } },
      ]),
    )
  })

  it('learns what an interface object is together with the part', async () => {
    const product = { pages: 657, inStock: true }
    for (const fields of ['... @defer { ... on Book { pages inStock } }', '... on Book @defer { pages inStock }']) {
      const parts = await allParts(`{ latestReview { product { upc ${fields} } } }`)
      expect(mergeParts(parts)).toEqual({ latestReview: { product: { upc: 'b1', ...product } } })
    }
    expect(mergeParts(await allParts('{ latestReview { product { upc ... on Film @defer { minutes } } } }'))).toEqual({
      latestReview: { product: { upc: 'b1' } },
    })
  })

  it('tells named fragments apart by where they are spread', async () => {
    const query = `
      query { a: user(id: "u1") { ...More } b: user(id: "u2") { ...More ...Name @defer(label: "name") } }
      fragment More on User { id ... @defer { reviews { id } } }
      fragment Name on User { name }`
    expect(mergeParts(await allParts(query))).toEqual({
      a: { id: 'u1', reviews: myReviews },
      b: { id: 'u2', reviews: [{ id: 'r2' }], name: 'Grace' },
    })
  })

  it('keeps the labels of operations that differ in nothing else', async () => {
    for (const label of ['one', 'two']) {
      const parts = await allParts(`{ me { id ... @defer(label: "${label}") { name } } }`)
      expect(parts[1]).toMatchObject({ incremental: [{ label }] })
    }
  })

  it('is switched by variables, and by constants', async () => {
    const query = `query ($slow: Boolean!, $other: Boolean = true) { me {
      id ... @defer(if: $slow) { reviews { id } } ... @defer(if: $other) { name } ... @defer(if: false) { email }
    } }`
    const whole = { id: 'u1', reviews: myReviews, name: 'Ada', email: 'ada@example.com' }
    const both = await allParts(query, { variables: { slow: true } })
    expect(both[0]).toEqual({ data: { me: { id: 'u1', email: whole.email } }, hasNext: true })
    expect(mergeParts(both)).toEqual({ me: whole })
    const one = await allParts(query, { variables: { slow: false } })
    expect(one[0]).toEqual({ data: { me: { id: 'u1', email: whole.email, reviews: myReviews } }, hasNext: true })
    const accept = deferAccept['20220824']
    const none = await gateway.ask(query, { variables: { slow: false, other: false }, headers: { accept } })
    expect(none.data).toEqual({ me: whole })
  })

  it('respects @skip and @include beside it and within', async () => {
    const query = `query ($skip: Boolean!, $in: Boolean!) { me {
      id ... @defer @skip(if: $skip) { name } ... @defer { email @include(if: $in) reviews { id } }
    } }`
    const parts = await allParts(query, { variables: { skip: true, in: false } })
    expect(mergeParts(parts)).toEqual({ me: { id: 'u1', reviews: myReviews } })
    expect(mergeParts(await allParts(query, { variables: { skip: false, in: true } }))).toEqual({
      me: { id: 'u1', name: 'Ada', email: 'ada@example.com', reviews: myReviews },
    })
  })

  it('defers what mutations return, and runs them in order all the same', async () => {
    const query = `mutation {
      one: write(text: "d1") { entries ... @defer { user { reviews { id } } } } two: archive(text: "d2")
      three: write(text: "d3") { entries }
    }`
    const parts = await allParts(query)
    expect(parts[0]).toEqual({
      data: { one: { entries: ['d1'] }, two: 'd2', three: { entries: ['d1', 'archived d2', 'd3'] } },
      hasNext: true,
    })
    expect(parts[1]).toEqual({
      incremental: [{ path: ['one'], data: { user: { reviews: myReviews } } }],
      hasNext: false,
    })
  })
})

describe('a deferred part that fails', () => {
  it('brings its errors with it, on the paths of the whole document', async () => {
    graph.subgraph('opinions').takeOver((_, res) => void res.destroy())
    const parts = await allParts('{ users { name ... @defer { nickname } } }')
    expect(parts[0]).toEqual({ data: { users: [{ name: 'Ada' }, { name: 'Grace' }] }, hasNext: true })
    expect(parts[1]).toMatchObject({
      incremental: [
        { path: ['users', 0], data: { nickname: 'ada' } },
        {
          path: ['users', 1],
          data: null,
          errors: [{ path: ['users', 1, 'nickname'], extensions: { code: 'AUTHZ_FORBIDDEN', service: 'accounts' } }],
        },
      ],
    })
    expect(Reflect.get(Object(parts[1]), 'incremental')[0].errors).toBeUndefined()
  })

  it('leaves the rest of the answer alone, and says once what its fetch died of', async () => {
    graph.subgraph('opinions').takeOver((_, res) => void res.destroy())
    const parts = await allParts('{ users { name ... @defer(label: "x") { reviews { id } } } }', {
      accept: deferAccept['v0.2'],
    })
    expect(parts).toMatchObject([
      { data: { users: [{ name: 'Ada' }, { name: 'Grace' }] }, hasNext: true },
      {
        completed: [
          { id: '0', errors: [{ path: ['users'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }] },
          { id: '1' },
        ],
        hasNext: false,
      },
    ])
    expect(Reflect.get(Object(parts[1]), 'incremental')).toBeUndefined()
  })

  it('tells the error of a field fetched early with the part that shows it', async () => {
    const query = 'mutation { write(text: "e") { ... @defer(label: "all") { user { nickname } } entries } }'
    graph.subgraph('accounts').takeOver((_, res) =>
      answerJson(res, {
        data: { write: { entries: ['e'], user: null } },
        errors: [{ message: 'No.', path: ['write', 'user'], extensions: { code: 'AUTHZ_FORBIDDEN' } }],
      }),
    )
    const parts = await allParts(query)
    expect(parts).toMatchObject([
      { data: { write: { entries: ['e'] } } },
      { incremental: [{ path: ['write'], data: { user: null }, errors: [{ path: ['write', 'user'] }] }] },
    ])
    expect(parts[0]).not.toHaveProperty('errors')
  })

  it('is not told of where a null has taken its place', async () => {
    const query = '{ user(id: "nobody") { id ... @defer { reviews { id } } } me { id ... @defer { name } } }'
    const parts = await allParts(query)
    expect(parts).toEqual([
      { data: { user: null, me: { id: 'u1' } }, hasNext: true },
      { incremental: [{ path: ['me'], data: { name: 'Ada' } }], hasNext: false },
    ])
    const nothing = await allParts('{ secret ... @defer { me { id } } }')
    expect(nothing).toMatchObject([{ data: null, errors: [{ path: ['secret'] }], hasNext: false }])
  })
})

describe('an operation with @defer', () => {
  it('that can not run is refused as any other', async () => {
    const headers = { accept: deferAccept['20220824'] }
    const variable = await gateway.ask('query ($id: ID!) { user(id: $id) { ... @defer { name } } }', { headers })
    expect(variable.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
    const refusals = [
      '{ me { ... @defer(label: "a") { id } ... @defer(label: "a") { name } } }',
      'query ($label: String) { me { ... @defer(label: $label) { id } } }',
      'mutation { ... @defer { archive(text: "x") } }',
      `{ ${Array.from({ length: 51 }, () => '... @defer { me { id } }').join(' ')} }`,
    ]
    for (const query of refusals) {
      const { errors } = await gateway.ask(query, { headers })
      expect(errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
    }
  })

  it('cancels what is deferred when the client goes away', async () => {
    let ended = false
    graph.subgraph('opinions').takeOver((_, res) => void res.once('close', () => (ended = true)))
    const leaving = new AbortController()
    const { parts } = await askInParts(gateway.url, deferredReviews, { signal: leaving.signal })
    await parts.next()
    await until(() => graph.subgraph('opinions').asked.length === 1)
    leaving.abort()
    await expect(parts.next()).rejects.toThrow()
    await until(() => ended)
  })

  it('is offered in introspection', async () => {
    const { data } = await gateway.ask('{ __schema { directives { name } } }')
    expect(data).toMatchObject({ __schema: { directives: expect.arrayContaining([{ name: 'defer' }]) } })
  })
})
