import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { answerJson, startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'

/*
 * Shops sell in their own currency. What an article costs depends on the shop it is listed in; the price service learns the
 * currency from the context, though the same article is listed by several shops.
 */

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@context", "@fromContext", "@shareable", "@external"])\n`

const shops = [
  { __typename: 'Shop', id: 's1', currency: 'USD', articles: ['a1', 'a2'], featured: 'a1', partner: 'p1' },
  { __typename: 'Shop', id: 's2', currency: 'EUR', articles: ['a1'], featured: null, partner: 'p1' },
  { __typename: 'Market', id: 'm1', money: 'YEN', articles: ['a2'] },
]

const articles = (ids: readonly string[]) => ids.map((id) => ({ id }))
type Shop = (typeof shops)[number]
type PriceArgs = { currency: string | null; rounded?: boolean }

const graphOfShops = {
  shops: {
    typeDefs: `${link}
      type Query { shops: [Seller!]!  shop(id: ID!): Shop }
      union Seller = Shop | Market
      type Shop @key(fields: "id") @context(name: "selling") {
        id: ID!  currency: String  articles: [Article!]!  shelves: [Shelf!]!  partner: Partner!
      }
      type Market @key(fields: "id") @context(name: "selling") { id: ID!  money: String!  articles: [Article!]! }
      type Shelf { label: String!  article: Article }
      type Partner @key(fields: "id") { id: ID! }
      type Article @key(fields: "id") {
        id: ID!
        price(currency: String @fromContext(field: "$selling ... on Shop { currency } ... on Market { money }"), rounded: Boolean = false): String
      }`,
    resolvers: {
      Query: { shops: () => shops, shop: (_: unknown, { id }: { id: string }) => shops.find((shop) => shop.id === id) },
      Shop: {
        articles: (shop: Shop) => articles(shop.articles),
        shelves: (shop: Shop) => [
          { label: 'front', article: shop.featured ? { id: shop.featured } : null },
          { label: 'back', article: { id: 'a2' } },
        ],
        partner: (shop: Shop) => ({ id: shop.partner }),
      },
      Market: { articles: (market: Shop) => articles(market.articles) },
      Article: {
        price: ({ id }: { id: string }, { currency, rounded }: PriceArgs) => {
          if (currency === 'EUR' && id === 'a2') throw new Error('unknown')
          return `${id} in ${currency ?? 'nothing'}${rounded ? ', about' : ''}`
        },
      },
    },
  },
  partners: {
    typeDefs: `${link}
      type Query { partners: Int }
      type Partner @key(fields: "id") { id: ID!  gift: Article! }
      type Article @key(fields: "id", resolvable: false) { id: ID! }`,
    resolvers: { Partner: { gift: () => ({ id: 'a1' }) } },
  },
}

let graph: TestGraph
let gateway: TestGateway

beforeAll(async () => {
  graph = await startTestSubgraphs(graphOfShops)
  gateway = await startTestGateway(graph.supergraph)
})
afterAll(async () => {
  await gateway.close()
  await graph.close()
})
beforeEach(() => ['shops', 'partners'].forEach((name) => graph.subgraph(name).reset()))

const asked = () => graph.subgraph('shops').asked

describe('an argument from the context', () => {
  it('is a variable of the fetch where all entities share its value', async () => {
    const { data, errors } = await gateway.ask('{ shop(id: "s1") { articles { price } } }')
    expect(errors).toBeUndefined()
    expect(data).toEqual({ shop: { articles: [{ price: 'a1 in USD' }, { price: 'a2 in USD' }] } })
    expect(asked()).toHaveLength(2)
    expect(asked()[1]?.query).toContain('_entities(representations')
    expect(Object.values(asked()[1]?.variables ?? {})).toContain('USD')
  })

  it('differs by what each entity stands in, in one call', async () => {
    const query = `query ($rounded: Boolean!) { shops {
      ... on Shop { currency articles { id price(rounded: $rounded) } } ... on Market { articles { price(rounded: $rounded) } }
    } }`
    const { data, errors } = await gateway.ask(query, { variables: { rounded: true } })
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      shops: [
        {
          currency: 'USD',
          articles: [
            { id: 'a1', price: 'a1 in USD, about' },
            { id: 'a2', price: 'a2 in USD, about' },
          ],
        },
        { currency: 'EUR', articles: [{ id: 'a1', price: 'a1 in EUR, about' }] },
        { articles: [{ price: 'a2 in YEN, about' }] },
      ],
    })
    expect(asked().length).toBeLessThanOrEqual(3)
  })

  it('is found above objects and lists in between, and is not shown', async () => {
    const { data } = await gateway.ask('{ shop(id: "s1") { shelves { label article { price } } } }')
    expect(data).toEqual({
      shop: {
        shelves: [
          { label: 'front', article: { price: 'a1 in USD' } },
          { label: 'back', article: { price: 'a2 in USD' } },
        ],
      },
    })
  })

  it('is told apart for one entity that several places share', async () => {
    const { data, errors } = await gateway.ask('{ shops { ... on Shop { id partner { gift { id price } } } } }')
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      shops: [
        { id: 's1', partner: { gift: { id: 'a1', price: 'a1 in USD' } } },
        { id: 's2', partner: { gift: { id: 'a1', price: 'a1 in EUR' } } },
        {},
      ],
    })
    expect(graph.subgraph('partners').asked).toHaveLength(1)
  })

  it('leaves errors at the places they belong to', async () => {
    const { data, errors } = await gateway.ask('{ shops { ... on Shop { shelves { article { price } } } } }')
    expect(data).toEqual({
      shops: [
        { shelves: [{ article: { price: 'a1 in USD' } }, { article: { price: 'a2 in USD' } }] },
        { shelves: [{ article: null }, { article: { price: null } }] },
        {},
      ],
    })
    expect(errors).toEqual([expect.objectContaining({ path: ['shops', 1, 'shelves', 1, 'article', 'price'] })])
  })

  it('is null where the context has none, whatever variable a client sends', async () => {
    graph.subgraph('shops').takeOver(async (request, res) => {
      const answer = JSON.parse(JSON.stringify(await request.execute()))
      if (answer.data?.shop) answer.data.shop.currency = null
      answerJson(res, answer)
    })
    const variables = { contextualArgument_1_0: 'GOLD' }
    const { data } = await gateway.ask('{ shop(id: "s1") { articles { price } } }', { variables })
    expect(data).toEqual({ shop: { articles: [{ price: 'a1 in nothing' }, { price: 'a2 in nothing' }] } })
  })
})
