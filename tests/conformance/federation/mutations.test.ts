import { beforeEach, describe, expect, it } from '@jest/globals'
import { scenario, type Row } from './scenario.js'

describe('mutations over several subgraphs', () => {
  let steps: string[] = []
  beforeEach(() => void (steps = []))
  const step = (name: string) => (_root: unknown, args: Row) => {
    steps.push(`${name} ${String(args['by'])}`)
    return { id: `${name}-${steps.length}`, count: steps.length }
  }
  const { dataOf, calls } = scenario({
    carts: {
      typeDefs: /* GraphQL */ `
        type Query {
          cart: Cart
        }
        type Mutation {
          fill(by: Int = 1): Cart!
        }
        type Cart @key(fields: "id") {
          id: ID!
          count: Int!
        }
      `,
      resolvers: { Mutation: { fill: step('fill') } },
    },
    prices: {
      typeDefs: /* GraphQL */ `
        type Mutation {
          price(by: Int = 1): Cart!
        }
        type Cart @key(fields: "id") {
          id: ID!
          count: Int! @external
          total: Int! @requires(fields: "count")
          label: String!
        }
      `,
      resolvers: {
        Mutation: { price: step('price') },
        Cart: { total: ({ count }: Row) => Number(count) * 10, label: ({ id }: Row) => `label of ${String(id)}` },
      },
    },
  })

  it('are carried out one after the other, and each is completed with what others require', async () => {
    const query = 'mutation { a: fill { total } b: price(by: 2) { label } c: fill(by: 3) { count total } }'
    expect(await dataOf(query)).toEqual({
      a: { total: 10 },
      b: { label: 'label of price-2' },
      c: { count: 3, total: 30 },
    })
    expect(steps).toEqual(['fill 1', 'price 2', 'fill 3'])
    expect(calls()).toEqual({ carts: 2, prices: 3 })
  })

  it('keep the order of the document through fragments', async () => {
    const query = /* GraphQL */ `
      mutation {
        ... on Mutation {
          a: fill {
            id
          }
        }
        ...Priced
        ... on Mutation {
          c: fill(by: 3) {
            id
          }
        }
      }
      fragment Priced on Mutation {
        b: price(by: 2) {
          label
        }
      }
    `
    expect(Object.keys(Object(await dataOf(query)))).toEqual(['a', 'b', 'c'])
    expect(steps).toEqual(['fill 1', 'price 2', 'fill 3'])
  })

  const repeated = /* GraphQL */ `
    mutation ($detailed: Boolean!, $first: Boolean!) {
      cart: fill @include(if: $first) {
        id
      }
      price(by: 2) {
        id
      }
      ... @include(if: $detailed) {
        cart: fill {
          count
          label
        }
      }
    }
  `
  it.each([
    [{ first: true, detailed: true }, ['fill 1', 'price 2'], ['cart', 'price']],
    [{ first: true, detailed: false }, ['fill 1', 'price 2'], ['cart', 'price']],
    [{ first: false, detailed: true }, ['price 2', 'fill 1'], ['price', 'cart']],
    [{ first: false, detailed: false }, ['price 2'], ['price']],
  ])('run once what stands there twice, where it stands first: %j', async (variables, made, names) => {
    expect(Object.keys(Object(await dataOf(repeated, variables)))).toEqual(names)
    expect(steps).toEqual(made)
  })
})
