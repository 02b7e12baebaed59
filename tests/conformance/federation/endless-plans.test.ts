import { describe, expect, it } from '@jest/globals'
import { reference, scenario, type Row } from './scenario.js'

const products: readonly Row[] = [
  { __typename: 'Book', id: 'p1', name: 'Emma', weight: 3 },
  { __typename: 'Toy', id: 'p2', name: 'Kite', weight: 5 },
]
const byId = { __resolveReference: reference(products, 'id') }
const keys = () => products.map(({ id }) => ({ id }))

// an interface that two subgraphs know as an object, one of them requiring a field of it
describe('an interface known as an object twice', () => {
  const { ask, dataOf } = scenario({
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
  })

  it.each([
    '{ shelved { ... on Book { freight } } }',
    '{ shelved { stars ... on Product { ... on Book { name freight } } } }',
    'query ($v: Boolean = false) { shelved { ...F @include(if: $v) } } fragment F on Book { cost: freight }',
  ])('has %s refused, which the planner would never come to an end with', async (query) => {
    const { errors } = await ask(query)
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['PLAN_NOT_FOUND'])
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
})
