import { operationFromDocument, Supergraph } from '@apollo/federation-internals'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'graphql'
import { createTypeConditions } from '../../../gateway/execute/type-conditions.js'
import { selectOperation } from '../../../gateway/operation/operation.js'
import { createPlanStore } from '../../../gateway/plan/plan-store.js'
import { createPlanningProcess } from '../../../gateway/plan/planning-process.js'
import { createPlanners } from '../../../gateway/plan/planners.js'
import { OutOfTime } from '../../../gateway/plan/within-time.js'
import { errorCodes } from '../../../platform/errors/error-codes.js'
import { startTestSubgraphs, type TestSubgraphDefinition } from '../../support/test-subgraphs.js'
import { createRandomGraph } from './random/random-graph.js'
import { reference, scenario, type Row } from './scenario.js'

const products: readonly Row[] = [
  { __typename: 'Book', id: 'p1', name: 'Emma', weight: 3 },
  { __typename: 'Toy', id: 'p2', name: 'Kite', weight: 5 },
]
const byId = { __resolveReference: reference(products, 'id') }
const keys = () => products.map(({ id }) => ({ id }))

// an interface that two subgraphs know as an object, one of them requiring a field of it
const subgraphs: Readonly<Record<string, TestSubgraphDefinition>> = {
  catalogue: {
    typeDefs: /* GraphQL */ `
      type Query {
        products: [Product!]!
        book: Book
      }
      interface Product @key(fields: "id") {
        id: ID!
        name: String!
        weight: Int!
      }
      type Book implements Product @key(fields: "id") {
        id: ID!
        name: String!
        weight: Int!
      }
      type Toy implements Product @key(fields: "id") {
        id: ID!
        name: String!
        weight: Int!
      }
    `,
    resolvers: { Query: { products: () => products, book: () => products[0] }, Product: byId, Book: byId, Toy: byId },
  },
  shelves: {
    typeDefs: /* GraphQL */ `
      type Query {
        shelved: [Product!]!
      }
      type Product @key(fields: "id") @interfaceObject {
        id: ID!
        stars: Int!
      }
    `,
    resolvers: { Query: { shelved: keys }, Product: { stars: () => 4 } },
  },
  shipping: {
    typeDefs: /* GraphQL */ `
      type Query {
        shipped: [Product!]!
      }
      type Product @key(fields: "id") @interfaceObject {
        id: ID!
        weight: Int! @external
        freight: Int! @requires(fields: "weight")
      }
    `,
    resolvers: { Query: { shipped: keys }, Product: { freight: ({ weight }: Row) => 10 * Number(weight) } },
  },
}

describe('an interface known as an object twice', () => {
  const { ask, dataOf, dataInParts } = scenario(subgraphs)

  it.each<[string, unknown]>([
    ['{ shelved { ... on Book { freight } } }', [{ freight: 30 }, {}]],
    [
      '{ shelved { stars ... on Product { ... on Book { name freight } } } }',
      [{ stars: 4, name: 'Emma', freight: 30 }, { stars: 4 }],
    ],
    ['{ shelved { ...F } } fragment F on Book { cost: freight stars }', [{ cost: 30, stars: 4 }, {}]],
    ['{ shelved { ... on Book { freight } ... on Toy { cost: freight } } }', [{ freight: 30 }, { cost: 50 }]],
    ['{ shelved { ... on Book { freight } } shelved { stars } }', [{ freight: 30, stars: 4 }, { stars: 4 }]],
    ['query ($v: Boolean = true) { shelved { ... on Book @include(if: $v) { freight } } }', [{ freight: 30 }, {}]],
    ['query ($v: Boolean = false) { shelved { ... on Book @include(if: $v) { freight } } }', [{}, {}]],
    [
      'query ($v: Boolean = false) { shelved { ... on Book { freight @include(if: $v) name } } }',
      [{ name: 'Emma' }, {}],
    ],
    [
      'query ($v: Boolean = false) { shelved { ... @skip(if: $v) { ... on Toy { freight __typename } } } }',
      [{}, { freight: 50, __typename: 'Toy' }],
    ],
    [
      'query ($v: Boolean = true) { shelved { stars ... @include(if: $v) { freight } } }',
      [
        { stars: 4, freight: 30 },
        { stars: 4, freight: 50 },
      ],
    ],
  ])('has %s answered, which the planner would never come to an end with', async (query, shelved) => {
    expect(await dataOf(query)).toEqual({ shelved })
  })

  it.each([
    '{ shelved { ... on Book { freight } ... on Toy { freight: weight } } }',
    '{ shelved { ... on Toy { freight: weight } ... on Book { freight } } }',
    '{ shelved { ... on Book { freight } } shelved { ... on Toy { freight: weight } } }',
  ])('has %s refused, which can not be asked of every object', async (query) => {
    const { data, errors } = await ask(query)
    expect(data).toBeNull()
    expect(errors).toEqual([
      expect.objectContaining({ message: expect.stringContaining('Ask for it of every object') }),
    ])
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['PLAN_NOT_FOUND'])
  })

  it.each([
    '{ shelved { stars ... @defer { ... on Book { freight } } } }',
    '{ shelved { stars ... on Book @defer(label: "later") { freight } } }',
  ])('has %s answered later', async (query) => {
    expect(await dataInParts(query)).toEqual({ shelved: [{ stars: 4, freight: 30 }, { stars: 4 }] })
  })

  it('answers everything that can be planned', async () => {
    expect(await dataOf('{ shelved { stars freight ... on Book { name } } }')).toEqual({
      shelved: [
        { stars: 4, freight: 30, name: 'Emma' },
        { stars: 4, freight: 50 },
      ],
    })
    expect(await dataOf('{ products { ... on Book { freight } } }')).toEqual({ products: [{ freight: 30 }, {}] })
    expect(await dataOf('{ shipped { ... on Toy { freight } } book { stars freight } }')).toEqual({
      shipped: [{}, { freight: 50 }],
      book: { stars: 4, freight: 30 },
    })
  })

  it('is planned for as long as planning may take and no longer', async () => {
    const graph = await startTestSubgraphs(subgraphs)
    const supergraph = Supergraph.build(graph.supergraph)
    await graph.close()
    const read = (text: string) => operationFromDocument(supergraph.apiSchema(), parse(text))
    const planners = createPlanners(supergraph, 100)
    const endless = read('{ shelved { ... on Book { freight } } }')
    expect(() => planners.plan(endless, [], false)).toThrow(OutOfTime)
    expect(createPlanners(supergraph, 60_000).plan(read('{ book { stars } }'), [], false).node?.kind).toBe('Sequence')
  })
})

describe('an interface known as an object, for which a field requires what another such object requires something for', () => {
  const labels: TestSubgraphDefinition = {
    typeDefs: /* GraphQL */ `
      type Product @key(fields: "id") @interfaceObject {
        id: ID!
        freight: Int! @external
        label: String! @requires(fields: "freight")
      }
    `,
    resolvers: { Product: { label: ({ freight }: Row) => `costs ${String(freight)}` } },
  }
  const { ask } = scenario({ ...subgraphs, labels })

  it('is refused without the words of the planner, and leaves other fields as they are', async () => {
    const { data, errors } = await ask('{ book { label } }')
    expect(data).toBeNull()
    expect(errors?.map(({ message, extensions }) => [message, extensions['code']])).toEqual([
      [errorCodes.PLAN_NOT_FOUND.message, 'PLAN_NOT_FOUND'],
    ])
    expect((await ask('{ book { freight } }')).data).toEqual({ book: { freight: 30 } })
  })
})

describe('an operation there is no memory to plan', () => {
  it('is refused, and those after it are planned', async () => {
    const graph = await startTestSubgraphs(subgraphs)
    await graph.close()
    const planning = createPlanningProcess(() => graph.supergraph, { limitMs: 3_600_000, maximumHeapMb: 96 })
    const planned = (text: string) => planning.plan({ text, overrides: [], byType: false })
    const [endless, next] = [planned('{ shelved { ... on Book { freight } } }'), planned('{ book { stars } }')]
    await expect(endless).rejects.toMatchObject({ code: 'PLAN_NOT_FOUND', cause: { name: 'PlanningGivenUp' } })
    expect((await next).node?.kind).toBe('Sequence')
    await planning.close()
  })
})

describe('an operation there is no time to plan', () => {
  it('is refused the same way when it is asked for again, and tried anew after a minute', async () => {
    let nowMs = 1_000
    // two interface objects between which each step multiplies the ways there are
    const { supergraph: sdl } = createRandomGraph(9_019)
    const supergraph = Supergraph.build(sdl)
    const apiSchema = supergraph.apiSchema().toGraphQLJSSchema()
    const plans = createPlanStore({
      supergraph,
      supergraphDocument: parse(sdl),
      apiSchema,
      conditions: createTypeConditions(supergraph.schema),
      planningTimeoutMs: 200,
      monotonic: () => nowMs,
    })
    const refusalOf = async (text: string): Promise<unknown> => {
      try {
        return await plans.planFor(selectOperation(parse(text), undefined))
      } catch (error) {
        return error
      }
    }
    const text = '{ s0q0 { toPP1 { toPP0 { toPP0 { p0 } } } } }'
    const first = await refusalOf(text)
    expect(first).toMatchObject({ code: 'PLAN_NOT_FOUND' })
    nowMs += 59_999
    expect(await refusalOf(text)).toBe(first)
    nowMs += 2
    const second = await refusalOf(text)
    expect(second).toMatchObject({ code: 'PLAN_NOT_FOUND' })
    expect(second).not.toBe(first)
    await plans.close()
  })
})
