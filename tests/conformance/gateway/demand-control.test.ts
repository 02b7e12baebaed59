import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Supergraph } from '@apollo/federation-internals'
import { readCostRules } from '../../../gateway/demand/cost-rules.js'
import type { DemandSettings } from '../../../gateway/demand/demand-control.js'
import { computeCost } from '../../../gateway/demand/operation-cost.js'
import { parse } from 'graphql'
import { selectOperation } from '../../../gateway/operation/operation.js'
import { startTestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'

const library = {
  typeDefs: /* GraphQL */ `
    extend schema
      @link(
        url: "https://specs.apollo.dev/federation/v2.9"
        import: ["@key", "@cost", { name: "@listSize", as: "@size" }]
      )
    type Query {
      book: Book
      books(first: Int = 4, last: Int): [Book!]! @size(slicingArguments: ["first", "last"])
      loose(first: Int, last: Int): [Book]
        @size(slicingArguments: ["first", "last"], requireOneSlicingArgument: false, assumedSize: 7)
      page(first: Int): Page
        @size(slicingArguments: ["first"], sizedFields: ["items"], assumedSize: 3, requireOneSlicingArgument: false)
      all: [Book]
      shelf: [Book] @size(assumedSize: 20)
      found: [Found] @size(assumedSize: 2)
      title: String
      report: String @cost(weight: 50)
      count(deep: Boolean @cost(weight: 4), where: Where, many: [Where!]): Int
    }
    type Mutation {
      lend: Book
    }
    input Where {
      text: String @cost(weight: 5)
      and: Where
    }
    type Page {
      items: [Book]
      others: [Book]
    }
    union Found = Book | Map
    type Book @key(fields: "id") {
      id: ID!
      author: Author
      genre: Genre
    }
    type Author {
      name: String
      books: [Book]
    }
    type Map @cost(weight: 3) {
      scale: Int
      author: Author
    }
    enum Genre @cost(weight: 2) {
      NOVEL
    }
  `,
  resolvers: {
    Query: { title: () => 'T', books: () => [{ id: '1' }], book: () => ({ id: '1' }) },
    Mutation: { lend: () => ({ id: '1' }) },
  },
}

let graph: TestGraph
beforeAll(async () => {
  graph = await startTestSubgraphs({ library })
})
afterAll(() => graph.close())

const costOf = (query: string, variables = {}) => {
  const supergraph = Supergraph.build(graph.supergraph, { supportedFeatures: null })
  const schema = supergraph.apiSchema().toGraphQLJSSchema()
  const context = { schema, rules: readCostRules(supergraph.schema), assumedListSize: 10 }
  return computeCost(context, selectOperation(parse(query), undefined), variables)
}

describe('the cost of an operation', () => {
  it.each<[string, number, string, object?]>([
    ['nothing for leaves', 0, '{ title __typename }'],
    ['one an object', 2, '{ book { id author { name } } }'],
    ['ten for a mutation', 11, 'mutation { lend { id } }'],
    ['the weight of a field', 50, '{ report }'],
    ['the weight of a type', 3, '{ book { genre } }'],
    ['a list as often as lists are assumed to be long', 20, '{ all { author { name } } }'],
    ['a list as often as its own size is assumed', 40, '{ shelf { author { name } } }'],
    ['a list as often as it is sliced', 5, '{ books(first: 5) { id } }'],
    ['a list as often as a variable slices it', 6, 'query ($n: Int) { books(last: $n) { id } }', { n: 6 }],
    ['a list as often as a default slices it', 4, '{ books { id } }'],
    ['the larger of two slices', 9, '{ loose(first: 2, last: 9) { id } }'],
    ['the assumed size where nothing slices', 7, '{ loose { id } }'],
    ['lists within lists', 10 * (1 + 1 + 10), '{ all { author { books { id } } } }'],
    ['sized fields below, and no others', 1 + 8 + 10, '{ page(first: 8) { items { id } others { id } } }'],
    ['sized fields by an assumed size', 1 + 3, '{ page { items { id } } }'],
    ['sized fields within fragments', 1 + 8, '{ page(first: 8) { ...P } } fragment P on Page { items { id } }'],
    [
      'the dearest of types that exclude each other',
      2 * (3 + 2),
      '{ found { ... on Book { genre } ... on Map { scale author { name } } } }',
    ],
    ['weights of arguments', 4, '{ count(deep: true) }'],
    ['input objects with what they hold', 1 + 5 + (1 + 5), '{ count(where: { text: "a", and: { text: "b" } }) }'],
    [
      'input objects of variables',
      2 * (1 + 5),
      'query ($m: [Where!]) { count(many: $m) }',
      { m: [{ text: 'a' }, { text: 'b' }] },
    ],
    [
      'a fragment each time it is spread',
      3,
      '{ a: book { ...B } b: book { ...B } c: book { ...B } } fragment B on Book { id }',
    ],
    ['never less than nothing', 0, '{ books(first: -5) { id } }'],
  ])('counts %s: %i', (_what, cost, query, variables = {}) => {
    expect(costOf(query, variables).cost).toBe(cost)
  })

  it('is computed once for fragments that come to a million fields', () => {
    const fragments = Array.from({ length: 20 }, (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`)
    const bomb = `{ ...F0 } ${fragments.join(' ')} fragment F20 on Query { book { id } }`
    expect(bomb.length).toBeLessThan(1_200)
    expect(costOf(bomb).cost).toBe(2 ** 20)
  })

  it('is constant unless a variable has a say in it', () => {
    expect(costOf('query ($n: Int) { book { id } count(deep: false) }').isConstant).toBe(true)
    expect(costOf('query ($n: Int) { books(first: $n) { id } }').isConstant).toBe(false)
  })
})

describe('demand control', () => {
  const settings: DemandSettings = { mode: 'enforce', maxCost: 20, assumedListSize: 10, showCost: true }
  const ask = async (demand: Partial<DemandSettings>, query: string) => {
    const gateway = await startTestGateway(graph.supergraph, { config: { demand: { ...settings, ...demand } } })
    const { data, errors = [], extensions, status } = await gateway.ask(query)
    await gateway.close()
    return {
      data,
      codes: errors.map(({ extensions: { code } }) => code),
      extensions,
      status,
      log: gateway.log.join(''),
    }
  }

  it('refuses what costs too much, and asks no subgraph', async () => {
    graph.subgraph('library').reset()
    expect(await ask({}, '{ shelf { author { name } } }')).toMatchObject({
      status: 400,
      data: undefined,
      codes: ['OPERATION_TOO_COSTLY'],
    })
    expect(graph.subgraph('library').asked).toEqual([])
  })

  it('lets the rest through, with its cost when asked', async () => {
    expect(await ask({}, '{ books(first: 1) { id } }')).toMatchObject({
      data: { books: [{ id: '1' }] },
      extensions: { cost: { estimated: 1, maximum: 20 } },
    })
    expect((await ask({ showCost: false }, '{ title }')).extensions).toBeUndefined()
  })

  it('wants one slicing argument where the schema does', async () => {
    expect((await ask({}, '{ books(first: 1, last: 1) { id } }')).codes).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    expect((await ask({ mode: 'measure' }, '{ books(first: 1, last: 1) { id } }')).codes).toEqual([])
  })

  it('may only measure', async () => {
    const { codes, log, extensions } = await ask(
      { mode: 'measure', maxCost: 1 },
      'query Dear { lots: books(first: 9) { id } }',
    )
    expect([codes, extensions]).toEqual([[], { cost: { estimated: 9, maximum: 1 } }])
    expect(log).toMatch(/"operationName":"Dear","cost":9/)
  })

  it('may be off', async () => {
    expect(await ask({ mode: 'off', maxCost: 0 }, '{ title }')).toMatchObject({
      data: { title: 'T' },
      extensions: undefined,
    })
  })
})
