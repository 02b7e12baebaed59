import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
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

async function dataOf(query: string, variables?: Record<string, unknown>) {
  const { data, errors } = await gateway.ask(query, { ...(variables && { variables }) })
  expect(errors).toBeUndefined()
  return data
}

describe('entities', () => {
  it('joins an entity across subgraphs', async () => {
    expect(await dataOf('{ me { name reviews { body } } }')).toEqual({
      me: { name: 'Ada', reviews: [{ body: 'Deep' }, { body: 'Bright' }, { body: 'Formal' }] },
    })
  })

  it('asks for each entity once, however often it stands in the data', async () => {
    const data = await dataOf('{ users { name reviews { author { name } } } }')
    expect(data).toEqual({
      users: [
        {
          name: 'Ada',
          reviews: [{ author: { name: 'Ada' } }, { author: { name: 'Ada' } }, { author: { name: 'Ada' } }],
        },
        { name: 'Grace', reviews: [{ author: { name: 'Grace' } }] },
      ],
    })
    expect(graph.subgraph('accounts').asked[1]?.variables).toEqual({
      representations: [
        { __typename: 'User', id: 'u1' },
        { __typename: 'User', id: 'u2' },
      ],
    })
  })

  it('walks lists in lists, empty ones too', async () => {
    expect(await dataOf('{ shelves { title ... on Book { inStock } ... on Film { inStock } } }')).toEqual({
      shelves: [
        [
          { title: 'SICP', inStock: true },
          { title: 'Tron', inStock: false },
        ],
        [],
        [
          { title: 'TAPL', inStock: true },
          { title: 'SICP', inStock: true },
        ],
      ],
    })
  })

  it('sends what a field requires, and does not show it', async () => {
    expect(await dataOf('{ product(upc: "b1") { ... on Book { shippingCost } } }')).toEqual({
      product: { shippingCost: 9 },
    })
    expect(graph.subgraph('shipping').asked[0]?.variables).toEqual({
      representations: [{ __typename: 'Book', upc: 'b1', price: 40, weight: 900 }],
    })
  })

  it('takes provided fields from where they are provided', async () => {
    expect(await dataOf('{ latestReview { author { name } } }')).toEqual({
      latestReview: { author: { name: 'as reviews know it' } },
    })
    expect(graph.subgraph('accounts').asked).toEqual([])
  })

  it('crosses an interface object both ways', async () => {
    const data = await dataOf('{ products { title reviews { product { __typename title } } } }')
    expect(data).toEqual({
      products: [
        {
          title: 'SICP',
          reviews: [
            { product: { __typename: 'Book', title: 'SICP' } },
            { product: { __typename: 'Book', title: 'SICP' } },
          ],
        },
        { title: 'TAPL', reviews: [{ product: { __typename: 'Book', title: 'TAPL' } }] },
        { title: 'Tron', reviews: [{ product: { __typename: 'Film', title: 'Tron' } }] },
      ],
    })
  })
})

describe('an interface object', () => {
  it('stays what it is where nothing else is asked of it', async () => {
    const query = '{ latestReview { product { upc reviews { id } ... on Product { upc } } } }'
    expect(await dataOf(query)).toEqual({
      latestReview: { product: { upc: 'b1', reviews: [{ id: 'r1' }, { id: 'r2' }] } },
    })
    expect(graph.subgraph('catalogue').asked).toEqual([])
  })

  it('is looked up where its type matters', async () => {
    expect(await dataOf('{ latestReview { product { __typename upc ... on Book { pages } } } }')).toEqual({
      latestReview: { product: { __typename: 'Book', upc: 'b1', pages: 657 } },
    })
  })
})

describe('selections', () => {
  it('keeps the order of the document, whatever order data arrive in', async () => {
    const { data } = await gateway.ask('{ me { reviews { id } email name } products { upc } }')
    expect(JSON.stringify(data)).toMatch(
      /^\{"me":\{"reviews":\[\{"id":"r1"\}.*\],"email":"ada@example.com","name":"Ada"\},"products"/,
    )
  })

  it('gives aliases to fields, arguments apart', async () => {
    expect(await dataOf('{ a: user(id: "u1") { n: name } b: user(id: "u2") { name: id } }')).toEqual({
      a: { n: 'Ada' },
      b: { name: 'u2' },
    })
  })

  it('tells the types of a union, under any alias', async () => {
    const query =
      '{ search(text: "x") { kind: __typename ... on Shelf { label product { title } } ... on Film { minutes } } }'
    expect(await dataOf(query)).toEqual({
      search: [
        { kind: 'Shelf', label: 'Classics', product: { title: 'TAPL' } },
        { kind: 'Book' },
        { kind: 'Film', minutes: 96 },
      ],
    })
  })

  it('lets different types answer one name with different fields', async () => {
    const query = '{ search(text: "x") { ... on Book { size: pages } ... on Film { size: minutes } } }'
    expect(await dataOf(query)).toEqual({ search: [{}, { size: 657 }, { size: 96 }] })
  })

  it('spreads fragments, nested and on interfaces', async () => {
    const query = `
      query { products { ...Named } }
      fragment Named on Product { title ...Paged }
      fragment Paged on Book { pages }`
    expect(await dataOf(query)).toEqual({
      products: [{ title: 'SICP', pages: 657 }, { title: 'TAPL', pages: 648 }, { title: 'Tron' }],
    })
  })

  it('leaves out what @skip and @include leave out, and does not fetch it', async () => {
    const query =
      'query ($reviews: Boolean!, $name: Boolean = true) { me { id name @skip(if: $name) reviews @include(if: $reviews) { id } } }'
    expect(await dataOf(query, { reviews: false })).toEqual({ me: { id: 'u1' } })
    expect(graph.subgraph('opinions').asked).toEqual([])
    expect(await dataOf(query, { reviews: true, name: false })).toEqual({
      me: { id: 'u1', name: 'Ada', reviews: [{ id: 'r1' }, { id: 'r3' }, { id: 'r4' }] },
    })
  })

  it('answers __typename at the root by itself', async () => {
    expect(await dataOf('{ __typename }')).toEqual({ __typename: 'Query' })
  })

  it('answers introspection by itself, next to data', async () => {
    const query =
      'query ($name: String!) { __schema { queryType { name } } user: __type(name: $name) { kind } me { id } }'
    expect(await dataOf(query, { name: 'User' })).toEqual({
      __schema: { queryType: { name: 'Query' } },
      user: { kind: 'OBJECT' },
      me: { id: 'u1' },
    })
  })

  it('hides what is inaccessible from introspection', async () => {
    expect(await dataOf('{ __type(name: "Condition") { enumValues { name } } }')).toEqual({
      __type: { enumValues: [{ name: 'NEW' }] },
    })
  })
})

describe('variables', () => {
  it('sends a fetch only the variables it uses', async () => {
    const query = 'query ($id: ID!, $text: String!) { user(id: $id) { name } search(text: $text) { __typename } }'
    await dataOf(query, { id: 'u1', text: 'x', unknown: 1 })
    expect(graph.subgraph('accounts').asked[0]?.variables).toEqual({ id: 'u1' })
    expect(graph.subgraph('catalogue').asked[0]?.variables).toEqual({ text: 'x' })
  })

  it('fills in defaults, of the operation and of the schema', async () => {
    const query =
      'query ($least: Int! = 50) { some: stocked(where: { minimumPrice: $least }) { upc } all: stocked { upc } }'
    expect(await dataOf(query)).toEqual({ some: [{ upc: 'b2' }], all: [{ upc: 'b1' }, { upc: 'b2' }, { upc: 'f1' }] })
  })

  it('refuses variables that do not fit, all at once', async () => {
    const query = 'query ($where: StockFilter!, $id: ID!) { stocked(where: $where) { upc } user(id: $id) { name } }'
    const answer = await gateway.ask(query, { variables: { where: { minimumPrice: 'a lot', colour: 'red' } } })
    expect(answer.status).toBe(200)
    expect(answer.data).toBeUndefined()
    expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual([
      'BAD_USER_INPUT',
      'BAD_USER_INPUT',
      'BAD_USER_INPUT',
    ])
    expect(graph.subgraph('catalogue').asked).toEqual([])
  })
})

describe('mutations', () => {
  it('run in the order of the document, across subgraphs', async () => {
    const query = `mutation {
      one: write(text: "1") { entries user { reviews { id } } }
      two: archive(text: "2")
      three: write(text: "3") { entries }
    }`
    expect(await dataOf(query)).toEqual({
      one: { entries: ['1'], user: { reviews: [{ id: 'r1' }, { id: 'r3' }, { id: 'r4' }] } },
      two: '2',
      three: { entries: ['1', 'archived 2', '3'] },
    })
  })
})
