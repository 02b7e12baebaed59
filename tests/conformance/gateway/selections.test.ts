import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { GraphQLError } from 'graphql'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { shopGraph } from './shop-graph.js'

/** A subgraph that promises more of a field than the graph does: there its fields do not merge under one name. */
const strict = {
  typeDefs: `
    type Query { works: [Work!]! }
    union Work = Song | Poem
    type Song @key(fields: "id") { id: ID!  length: Int! @shareable  words: [String!]! @shareable }
    type Poem @key(fields: "id") { id: ID!  length: Int @shareable  words: [String] @shareable }`,
  resolvers: {
    Query: {
      works: () => [
        { __typename: 'Song', id: 's1', length: 180, words: ['la'] },
        { __typename: 'Poem', id: 'p1', length: 14, words: ['O', null] },
        { __typename: 'Poem', id: 'p2', words: null },
      ],
    },
    Poem: {
      length: ({ id, length }: { id: string; length?: number }) => {
        if (id === 'p2') throw new GraphQLError('Endless.', { extensions: { code: 'RES_NOT_FOUND' } })
        return length
      },
    },
  },
}

const loose = {
  typeDefs: `
    type Song @key(fields: "id") { id: ID!  length: Int @shareable  words: [String] @shareable }`,
}

let graph: TestGraph
let gateway: TestGateway

beforeAll(async () => {
  graph = await startTestSubgraphs({ ...shopGraph, strict, loose })
  gateway = await startTestGateway(graph.supergraph)
})
afterAll(async () => {
  await gateway.close()
  await graph.close()
})
beforeEach(() => ['strict', ...Object.keys(shopGraph)].forEach((name) => graph.subgraph(name).reset()))

async function dataOf(query: string, variables: Record<string, unknown> = {}) {
  const { data, errors } = await gateway.ask(query, { variables })
  expect(errors).toBeUndefined()
  return data
}

describe('fields that a subgraph can not answer under one name', () => {
  const query = '{ works { ... on Song { length words } ... on Poem { length words } } }'

  it('are fetched under others, and answered under the one asked for', async () => {
    const { data } = await gateway.ask(query)
    expect(data).toEqual({
      works: [
        { length: 180, words: ['la'] },
        { length: 14, words: ['O', null] },
        { length: null, words: null },
      ],
    })
    expect(graph.subgraph('strict').asked[0]?.query).toMatch(/length__alias_\d+: ?length/)
  })

  it('have their errors at the name asked for', async () => {
    const { errors } = await gateway.ask(query)
    expect(errors).toEqual([
      expect.objectContaining({
        message: 'Endless.',
        path: ['works', 2, 'length'],
        extensions: expect.objectContaining({ code: 'RES_NOT_FOUND' }),
      }),
    ])
  })
})

describe('@skip and @include on fragments', () => {
  const query = `query ($more: Boolean!, $less: Boolean!) {
    me { id ... @include(if: $more) { name reviews { id } } ...Mail @skip(if: $less) }
    products { upc ... on Book @include(if: $more) @skip(if: $less) { inStock } ...Films }
  }
  fragment Mail on User { email }
  fragment Films on Film { minutes @skip(if: $more) inStock @include(if: $more) }`

  it('take in what is in them, and fetch it', async () => {
    expect(await dataOf(query, { more: true, less: false })).toEqual({
      me: { id: 'u1', name: 'Ada', reviews: [{ id: 'r1' }, { id: 'r3' }, { id: 'r4' }], email: 'ada@example.com' },
      products: [
        { upc: 'b1', inStock: true },
        { upc: 'b2', inStock: true },
        { upc: 'f1', inStock: false },
      ],
    })
  })

  it('leave it out, and ask nobody', async () => {
    expect(await dataOf(query, { more: false, less: true })).toEqual({
      me: { id: 'u1' },
      products: [{ upc: 'b1' }, { upc: 'b2' }, { upc: 'f1', minutes: 96 }],
    })
    expect(graph.subgraph('opinions').asked).toEqual([])
  })

  it('both count where both stand', async () => {
    expect(await dataOf(query, { more: true, less: true })).toMatchObject({
      me: { id: 'u1', name: 'Ada' },
      products: [{ upc: 'b1' }, { upc: 'b2' }, { upc: 'f1', inStock: false }],
    })
  })

  it('decide over root fields, and over all of them', async () => {
    const roots = 'query ($is: Boolean!) { ... @include(if: $is) { me { id } } ... @skip(if: $is) { users { id } } }'
    expect(await dataOf(roots, { is: true })).toEqual({ me: { id: 'u1' } })
    expect(await dataOf(roots, { is: false })).toEqual({ users: [{ id: 'u1' }, { id: 'u2' }] })
    expect(await dataOf('query ($is: Boolean!) { me @include(if: $is) { id } }', { is: false })).toEqual({})
  })

  it('decide over mutations too: one that is left out is not run', async () => {
    const mutation = `mutation ($is: Boolean!) {
      one: archive(text: "1") @skip(if: $is) ... @include(if: $is) { two: archive(text: "2") }
    }`
    expect(await dataOf(mutation, { is: true })).toEqual({ two: '2' })
    const { written } = Object(await dataOf('mutation { written: write(text: "end") { entries } }'))
    expect(written.entries).toEqual(['archived 2', 'end'])
  })
})

describe('introspection within fragments', () => {
  it('is answered next to data, under aliases and conditions', async () => {
    const query = `query ($is: Boolean!) {
      ...Meta me { id } ... @include(if: $is) { kind: __type(name: "User") { name } __typename }
    }
    fragment Meta on Query { meta: __schema { queryType { name } } }`
    expect(await dataOf(query, { is: true })).toEqual({
      meta: { queryType: { name: 'Query' } },
      me: { id: 'u1' },
      kind: { name: 'User' },
      __typename: 'Query',
    })
    expect(await dataOf(query, { is: false })).toEqual({ meta: { queryType: { name: 'Query' } }, me: { id: 'u1' } })
  })
})

describe('an interface object', () => {
  it('is narrowed by fragments that conditions switch', async () => {
    const query = `query ($is: Boolean!) { latestReview { product {
      reviews { id } ... on Book @include(if: $is) { pages shippingCost } ... on Film { minutes }
    } } }`
    const reviews = [{ id: 'r1' }, { id: 'r2' }]
    expect(await dataOf(query, { is: true })).toEqual({
      latestReview: { product: { reviews, pages: 657, shippingCost: 9 } },
    })
    expect(await dataOf(query, { is: false })).toEqual({ latestReview: { product: { reviews } } })
  })

  it('is asked for by the name of the interface, whatever its objects are', async () => {
    await dataOf('{ products { reviews { id } } }')
    expect(graph.subgraph('opinions').asked[0]?.variables['representations']).toEqual([
      { __typename: 'Product', upc: 'b1' },
      { __typename: 'Product', upc: 'b2' },
      { __typename: 'Product', upc: 'f1' },
    ])
  })
})

describe('mutations', () => {
  it('wait for one another, also where one fails', async () => {
    graph.subgraph('catalogue').takeOver((_, res) => void res.destroy())
    const query =
      'mutation { a: write(text: "m1") { entries } b: archive(text: "m2") c: write(text: "m3") { entries } }'
    const { data, errors } = await gateway.ask(query)
    expect(data).toBeNull()
    expect(errors?.[0]).toMatchObject({ path: ['b'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } })
    const { asked } = graph.subgraph('accounts')
    expect(asked.map(({ query: text }) => /"m\d"/.exec(text)?.[0])).toEqual(['"m1"', '"m3"'])
    expect(graph.subgraph('catalogue').asked).toHaveLength(1)
  })
})
