import { describe, expect, it } from '@jest/globals'
import { reference, scenario, type Row } from './scenario.js'

describe('@requires with @provides', () => {
  const goods = [
    { id: 'g1', name: 'Oak', price: 11, weight: 1 },
    { id: 'g2', name: 'Elm', price: 22, weight: 2 },
  ]
  const opinions = [
    { id: 'o1', good: 'g1', by: 'u1' },
    { id: 'o2', good: 'g2', by: 'u1' },
  ]
  const users = [{ id: 'u1', nick: 'ada' }]
  const { dataOf, asked } = scenario({
    users: {
      typeDefs: /* GraphQL */ `
        type Query {
          me: User
        }
        type User @key(fields: "id") {
          id: ID!
          name: String
          nick: String @shareable
        }
      `,
      resolvers: { Query: { me: () => users[0] }, User: { __resolveReference: reference(users, 'id') } },
    },
    goods: {
      typeDefs: /* GraphQL */ `
        type Query {
          goods: [Good]
        }
        type Good @key(fields: "id") {
          id: ID!
          name: String
          price: Int
          weight: Int
        }
      `,
      resolvers: { Query: { goods: () => goods }, Good: { __resolveReference: reference(goods, 'id') } },
    },
    stock: {
      typeDefs: /* GraphQL */ `
        type Good @key(fields: "id") {
          id: ID!
          price: Int @external
          weight: Int @external
          inStock: Boolean
          freight: Int @requires(fields: "price weight")
          freightTag: String @requires(fields: "weight price")
        }
      `,
      resolvers: {
        Good: {
          inStock: ({ id }: Row) => id === 'g1',
          freight: ({ price, weight }: Record<string, number>) => (price ?? NaN) * (weight ?? NaN) * 10,
          freightTag: ({ id, price, weight }: Row) => `#${String(id)}#${Number(price) * Number(weight) * 10}#`,
        },
      },
    },
    opinions: {
      typeDefs: /* GraphQL */ `
        type Opinion @key(fields: "id") {
          id: ID!
          by: User @provides(fields: "nick")
          good: Good
        }
        type User @key(fields: "id") {
          id: ID!
          nick: String @external
          opinions: [Opinion]
        }
        type Good @key(fields: "id") {
          id: ID!
          opinions: [Opinion]
        }
      `,
      resolvers: {
        Opinion: { by: () => users[0], good: ({ good }: Row) => ({ id: good }) },
        User: { opinions: ({ id }: Row) => opinions.filter(({ by }) => by === id) },
        Good: { opinions: ({ id }: Row) => opinions.filter(({ good }) => good === id) },
      },
    },
  })

  it.each([
    ['{ goods { freight } }', { goods: [{ freight: 110 }, { freight: 440 }] }],
    [
      '{ goods { freight weight price } }',
      {
        goods: [
          { freight: 110, weight: 1, price: 11 },
          { freight: 440, weight: 2, price: 22 },
        ],
      },
    ],
    [
      '{ goods { opinions { id by { nick } good { name freight } } } }',
      {
        goods: [
          { opinions: [{ id: 'o1', by: { nick: 'ada' }, good: { name: 'Oak', freight: 110 } }] },
          { opinions: [{ id: 'o2', by: { nick: 'ada' }, good: { name: 'Elm', freight: 440 } }] },
        ],
      },
    ],
    [
      '{ me { opinions { good { opinions { id } } } } }',
      { me: { opinions: [{ good: { opinions: [{ id: 'o1' }] } }, { good: { opinions: [{ id: 'o2' }] } }] } },
    ],
    [
      '{ me { opinions { good { inStock } by { id nick } } } }',
      {
        me: {
          opinions: [
            { good: { inStock: true }, by: { id: 'u1', nick: 'ada' } },
            { good: { inStock: false }, by: { id: 'u1', nick: 'ada' } },
          ],
        },
      },
    ],
    [
      '{ me { opinions { good { freight freightTag } } } }',
      {
        me: {
          opinions: [
            { good: { freight: 110, freightTag: '#g1#110#' } },
            { good: { freight: 440, freightTag: '#g2#440#' } },
          ],
        },
      },
    ],
  ])('answers %s', async (query, data) => {
    expect(await dataOf(query)).toEqual(data)
  })

  it('asks once for two fields that require the same', async () => {
    await dataOf('{ goods { freight freightTag } }')
    expect(asked('stock')).toHaveLength(1)
  })
})

describe('@requires of what itself is required', () => {
  const { dataOf, calls } = scenario({
    a: {
      typeDefs: /* GraphQL */ `
        type Query {
          goods: [Good!]!
        }
        type Good @key(fields: "id") {
          id: ID!
          base: Int!
        }
      `,
      resolvers: { Query: { goods: () => [{ id: '1', base: 2 }] }, Good: { base: () => 2 } },
    },
    b: {
      typeDefs: /* GraphQL */ `
        type Good @key(fields: "id") {
          id: ID!
          base: Int! @external
          taxed: Int! @requires(fields: "base")
        }
      `,
      resolvers: { Good: { taxed: ({ base }: Record<string, number>) => (base ?? NaN) * 2 } },
    },
    c: {
      typeDefs: /* GraphQL */ `
        type Good @key(fields: "id") {
          id: ID!
          taxed: Int! @external
          total: Int! @requires(fields: "taxed")
        }
      `,
      resolvers: { Good: { total: ({ taxed }: Record<string, number>) => (taxed ?? NaN) + 1 } },
    },
    d: {
      typeDefs: /* GraphQL */ `
        type Good @key(fields: "id") {
          id: ID!
          base: Int! @external
          total: Int! @external
          advice: String! @requires(fields: "total base")
        }
      `,
      resolvers: { Good: { advice: ({ total, base }: Row) => `${String(base)} becomes ${String(total)}` } },
    },
  })

  it('goes from one subgraph to the next', async () => {
    expect(await dataOf('{ goods { advice } }')).toEqual({ goods: [{ advice: '2 becomes 5' }] })
    expect(calls()).toEqual({ a: 1, b: 1, c: 1, d: 1 })
  })

  it('gives every step of the way with the same calls', async () => {
    expect(await dataOf('{ goods { total taxed base advice } }')).toEqual({
      goods: [{ total: 5, taxed: 4, base: 2, advice: '2 becomes 5' }],
    })
    expect(calls()).toEqual({ a: 1, b: 1, c: 1, d: 1 })
  })
})
