import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { defaultDocumentLimits } from '../../../gateway/operation/default-limits.js'
import { createPlanningProcess } from '../../../gateway/plan/planning-process.js'
import { createGeneration } from '../../../gateway/supergraph/generation.js'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph, type TestSubgraphDefinition } from '../../support/test-subgraphs.js'
import { reference } from '../federation/scenario.js'

/*
 * What takes long to plan is planned in a process of its own, and keeps nobody waiting. Two subgraphs here know the same two
 * interfaces as objects: the ways to a field multiply with every step from the one to the other.
 */

const FOR_EVER_MS = 3_600_000

const books = [{ __typename: 'Book', id: 'b1', name: 'Emma' }]
const shops = [{ __typename: 'Shop', id: 's1', name: 'Corner' }]
const bookById = { __resolveReference: reference(books, 'id') }
const shopById = { __resolveReference: reference(shops, 'id') }

const subgraphs: Readonly<Record<string, TestSubgraphDefinition>> = {
  catalogue: {
    typeDefs: /* GraphQL */ `
      type Query {
        products: [Product!]!
      }
      interface Product @key(fields: "id") {
        id: ID!
        name: String!
      }
      type Book implements Product @key(fields: "id") {
        id: ID!
        name: String!
      }
      interface Place @key(fields: "id") {
        id: ID!
        name: String!
      }
      type Shop implements Place @key(fields: "id") {
        id: ID!
        name: String!
      }
    `,
    resolvers: {
      Query: { products: () => books },
      ...{ Product: bookById, Book: bookById, Place: shopById, Shop: shopById },
    },
  },
  shelves: {
    typeDefs: /* GraphQL */ `
      type Product @key(fields: "id") @interfaceObject {
        id: ID!
        place: Place!
      }
      type Place @key(fields: "id") @interfaceObject {
        id: ID!
        product: Product!
      }
    `,
    resolvers: { Product: { place: () => ({ id: 's1' }) }, Place: { product: () => ({ id: 'b1' }) } },
  },
  shipping: {
    typeDefs: /* GraphQL */ `
      type Product @key(fields: "id") @interfaceObject {
        id: ID!
        from: Place!
      }
      type Place @key(fields: "id") @interfaceObject {
        id: ID!
        sent: Product!
      }
    `,
    resolvers: { Product: { from: () => ({ id: 's1' }) }, Place: { sent: () => ({ id: 'b1' }) } },
  },
}

/** To and fro as often: three times is planned in some tenths of a second, ten times in hours. `name` tells texts apart. */
const walk = (rounds: number, name = 'Walk'): string =>
  `query ${name} { products { ${'place { sent { '.repeat(rounds)}name${' } }'.repeat(rounds)} } }`

let graph: TestGraph
beforeAll(async () => {
  graph = await startTestSubgraphs(subgraphs)
})
afterAll(() => graph.close())

describe('an operation that takes long to plan', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startTestGateway(graph.supergraph, { config: { planning: { timeoutMs: FOR_EVER_MS } } })
  })
  afterAll(() => gateway.close())

  it('is answered', async () => {
    const { data, errors } = await gateway.ask(walk(3))
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      products: [{ place: { sent: { place: { sent: { place: { sent: { name: 'Emma' } } } } } } }],
    })
  })

  it('is planned once for all who ask for the same meanwhile', async () => {
    const { documents, plans } = createGeneration(1, graph.supergraph, {
      urlOverrides: new Map(),
      limits: defaultDocumentLimits,
    })
    const texts = [walk(3), `${walk(3)} # again`, walk(3, 'Walk\n')]
    const asked = texts.map((text) => plans.planFor(documents.select(documents.read(text), undefined)))
    expect(asked.map((plan) => plan instanceof Promise)).toEqual([true, true, true])
    const [first, ...others] = await Promise.all(asked)
    expect(others.every((other) => other === first)).toBe(true)
    await plans.close()
  })

  it('keeps no other waiting, known or new, and only so many of its kind may wait', async () => {
    const abort = new AbortController()
    const settled: unknown[] = []
    const hard = Array.from({ length: 16 }, async (_, index) => {
      const asked = gateway.ask(walk(10, `Endless${index}`), { signal: abort.signal })
      settled.push(await asked.catch(() => null))
    })
    for (let turn = 0; turn < 20; turn += 1) {
      const known = await gateway.ask('{ products { name } }')
      const fresh = await gateway.ask(`{ products { name id${turn}: id } }`)
      expect([known.data, fresh.data]).toEqual([
        { products: [{ name: 'Emma' }] },
        { products: [{ name: 'Emma', [`id${turn}`]: 'b1' }] },
      ])
    }
    expect(settled).toEqual([])
    const { errors } = await gateway.ask(walk(10, 'OneMore'))
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['RATE_LIMIT_EXCEEDED'])
    abort.abort()
    await Promise.all(hard)
  })
})

describe('the planning process', () => {
  const refusal = { code: 'PLAN_NOT_FOUND', cause: { name: 'PlanningGivenUp' } }
  const task = (text: string) => ({ text, overrides: [], byType: false })

  it('is replaced when an operation is out of time', async () => {
    const planning = createPlanningProcess(() => graph.supergraph, { limitMs: 100 })
    await expect(planning.plan(task(walk(10)))).rejects.toMatchObject(refusal)
    await expect(planning.plan(task(walk(10)))).rejects.toMatchObject(refusal)
    await planning.close()
  })

  it('is replaced when a fault ends it, and when it was closed', async () => {
    const planning = createPlanningProcess(() => graph.supergraph, { limitMs: FOR_EVER_MS })
    const fragments = 'fragment A on Product { ...B } fragment B on Product { ...A }' // no valid document has such
    const faulty = planning.plan(task(`{ products { ...A } } ${fragments}`))
    const waiting = planning.plan(task(walk(1)))
    await expect(faulty).rejects.toThrow('The planning process ended with 1.')
    expect((await waiting).node?.kind).toBe('Sequence')
    const givenUp = [planning.plan(task(walk(10))), planning.plan(task(walk(1)))]
    await Promise.all([
      planning.close(),
      ...givenUp.map((one) => expect(one).rejects.toMatchObject({ code: 'PLAN_NOT_FOUND' })),
    ])
    expect((await planning.plan(task(walk(1)))).node?.kind).toBe('Sequence')
    await planning.close()
  })
})
