import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { answerJson, startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'

let graph: TestGraph
let gateway: TestGateway

interface Product {
  readonly upc: string
  readonly price?: number
}

beforeAll(async () => {
  graph = await startTestSubgraphs({
    catalogue: {
      typeDefs: 'type Query { product(upc: ID!): Product } type Product @key(fields: "upc") { upc: ID! }',
      resolvers: { Query: { product: (_: unknown, { upc }: Product) => ({ upc }) } },
    },
    prices: {
      typeDefs: 'type Product @key(fields: "upc") { upc: ID! price: Int }',
      resolvers: { Product: { price: ({ upc }: Product) => Number(upc) * 100 } },
    },
    stock: {
      typeDefs: `type Product @key(fields: "upc") { upc: ID! price: Int @external inStock: Int weight: Int maker: Maker
        postage(to: String): Int @requires(fields: "price") }
        type Maker { name: String }`,
      resolvers: {
        Product: {
          inStock: ({ upc }: Product) => Number(upc) + 1,
          weight: ({ upc }: Product) => Number(upc) * 7,
          maker: ({ upc }: Product) => ({ name: `maker of ${upc}` }),
          postage: ({ price = 0 }: Product, { to }: { to?: string }) => (to === 'far' ? price : price / 10),
        },
      },
    },
  })
  gateway = await startTestGateway(graph.supergraph)
})
afterAll(async () => {
  await gateway.close()
  await graph.close()
})
beforeEach(() => {
  for (const name of ['catalogue', 'prices', 'stock']) graph.subgraph(name).reset()
})

const askedOf = (name: string) => graph.subgraph(name).asked
const two = (fields: string): string => `{ a: product(upc: "1") { ${fields} } b: product(upc: "2") { ${fields} } }`

async function errorsOf(query: string) {
  const { data, errors = [] } = await gateway.ask(query)
  const told = errors.map(({ path, extensions: { code } }) => `${path?.join('.')} ${code}`)
  return { data, errors: told.sort() }
}

describe('entities of several places that are asked for the same', () => {
  it('are one call', async () => {
    const { data } = await gateway.ask(two('inStock'))
    expect(data).toEqual({ a: { inStock: 2 }, b: { inStock: 3 } })
    expect(askedOf('stock').map(({ variables }) => variables['representations'])).toEqual([
      [
        { __typename: 'Product', upc: '1' },
        { __typename: 'Product', upc: '2' },
      ],
    ])
  })

  it('are one call also where the operation has a name, by which plans tell their fetches apart', async () => {
    const { data } = await gateway.ask(`query Two ${two('inStock')}`)
    expect(data).toEqual({ a: { inStock: 2 }, b: { inStock: 3 } })
    expect(askedOf('stock')).toHaveLength(1)
  })

  it('are in it once each', async () => {
    const { data } = await gateway.ask('{ a: product(upc: "1") { inStock } b: product(upc: "1") { inStock } }')
    expect(data).toEqual({ a: { inStock: 2 }, b: { inStock: 2 } })
    expect(askedOf('stock').map(({ variables }) => variables['representations'])).toEqual([
      [{ __typename: 'Product', upc: '1' }],
    ])
  })

  it('stay together on the way to what needs them', async () => {
    const { data } = await gateway.ask(two('postage'))
    expect(data).toEqual({ a: { postage: 10 }, b: { postage: 20 } })
    expect([askedOf('prices').length, askedOf('stock').length]).toEqual([1, 1])
  })

  it('are the call of one place where a condition leaves out the other', async () => {
    const query = `query ($both: Boolean!) {
      a: product(upc: "1") { inStock @include(if: $both) } b: product(upc: "2") { inStock } }`
    expect((await gateway.ask(query, { variables: { both: false } })).data).toEqual({ a: {}, b: { inStock: 3 } })
    expect((await gateway.ask(query, { variables: { both: true } })).data).toEqual({
      a: { inStock: 2 },
      b: { inStock: 3 },
    })
  })

  it('leave out a place that has nothing to ask for', async () => {
    graph
      .subgraph('catalogue')
      .takeOver((_, res) => answerJson(res, { data: { a: null, b: { upc: '2', __typename: 'Product' } } }))
    expect(await errorsOf(two('inStock'))).toEqual({ data: { a: null, b: { inStock: 3 } }, errors: [] })
    expect(askedOf('stock')).toHaveLength(1)
  })

  it('are no call for other requests to join', async () => {
    const tokens = ['Bearer one', 'Bearer two']
    await Promise.all(tokens.map((authorization) => gateway.ask(two('inStock'), { headers: { authorization } })))
    expect(
      askedOf('stock')
        .map(({ headers }) => headers.authorization)
        .sort(),
    ).toEqual(tokens)
  })
})

describe('entities of several places that are calls of their own', () => {
  it('are those asked for something else', async () => {
    const { data } = await gateway.ask('{ a: product(upc: "1") { inStock } b: product(upc: "2") { weight } }')
    expect(data).toEqual({ a: { inStock: 2 }, b: { weight: 14 } })
    expect(askedOf('stock')).toHaveLength(2)
  })

  it('are those asked for the same with other arguments', async () => {
    const { data } = await gateway.ask(
      '{ a: product(upc: "1") { postage(to: "far") } b: product(upc: "1") { postage(to: "near") } }',
    )
    expect(data).toEqual({ a: { postage: 100 }, b: { postage: 10 } })
  })

  it('are those with objects within, which later fetches fill for each place', async () => {
    const { data } = await gateway.ask(two('maker { name }'))
    expect(data).toEqual({ a: { maker: { name: 'maker of 1' } }, b: { maker: { name: 'maker of 2' } } })
    expect(askedOf('stock')).toHaveLength(2)
  })
})

describe('a shared call that fails', () => {
  const code = 'AUTHZ_FORBIDDEN'

  it('for one entity costs the places of that entity alone', async () => {
    graph.subgraph('stock').takeOver((_, res) =>
      answerJson(res, {
        data: { _entities: [{ inStock: 2 }, null] },
        errors: [{ message: 'No.', path: ['_entities', 1, 'inStock'], extensions: { code } }],
      }),
    )
    expect(await errorsOf(two('inStock'))).toEqual({
      data: { a: { inStock: 2 }, b: { inStock: null } },
      errors: [`b.inStock ${code}`],
    })
  })

  it.each([
    ['for an entity of both places', ['_entities', 0, 'inStock'], [`a.inStock ${code}`, `b.inStock ${code}`]],
    ['without saying for what', undefined, [`a ${code}`, `b ${code}`]],
  ])('%s tells both', async (_what, path, errors) => {
    graph
      .subgraph('stock')
      .takeOver((_, res) =>
        answerJson(res, { data: { _entities: [null] }, errors: [{ message: 'No.', path, extensions: { code } }] }),
      )
    const query = '{ a: product(upc: "1") { inStock } b: product(upc: "1") { inStock } }'
    expect(await errorsOf(query)).toEqual({ data: { a: { inStock: null }, b: { inStock: null } }, errors })
  })

  it('for one entity, at the cost of all, tells every place', async () => {
    graph.subgraph('stock').takeOver((_, res) =>
      answerJson(res, {
        data: null,
        errors: [{ message: 'No.', path: ['_entities', 1, 'inStock'], extensions: { code } }],
      }),
    )
    expect(await errorsOf(two('inStock'))).toEqual({
      data: { a: { inStock: null }, b: { inStock: null } },
      errors: [`a ${code}`, `b.inStock ${code}`],
    })
  })

  it('altogether tells every place', async () => {
    graph.subgraph('stock').takeOver((_, res) => void res.destroy())
    expect(await errorsOf(two('inStock'))).toEqual({
      data: { a: { inStock: null }, b: { inStock: null } },
      errors: ['a SUBGRAPH_UNAVAILABLE', 'b SUBGRAPH_UNAVAILABLE'],
    })
  })

  it('with too few entities is believed by none', async () => {
    graph.subgraph('stock').takeOver((_, res) => answerJson(res, { data: { _entities: [{ inStock: 9 }] } }))
    expect(await errorsOf(two('inStock'))).toEqual({
      data: { a: { inStock: null }, b: { inStock: null } },
      errors: ['a SUBGRAPH_BAD_RESPONSE', 'b SUBGRAPH_BAD_RESPONSE'],
    })
  })
})
