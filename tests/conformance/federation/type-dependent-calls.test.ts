import { describe, expect, it } from '@jest/globals'
import { scenario, type Row } from './scenario.js'

describe('one name for different calls, by the type of what is around', () => {
  const offers = [
    { __typename: 'Sale', id: 's1', ware: { id: 'w1' } },
    { __typename: 'Loan', id: 'l1', ware: { id: 'w1' } },
    { __typename: 'Loan', id: 'l2', ware: { id: 'w2' } },
  ]
  const { dataOf, calls } = scenario({
    offers: {
      typeDefs: /* GraphQL */ `
        type Query {
          offers: [Offer!]!
          grid: [[Deal!]!]!
        }
        union Offer = Sale | Loan
        interface Deal {
          ware: Ware!
        }
        type Sale implements Deal {
          id: ID!
          ware: Ware!
        }
        type Loan implements Deal {
          id: ID!
          ware: Ware!
        }
        type Ware @key(fields: "id") {
          id: ID!
        }
      `,
      resolvers: { Query: { offers: () => offers, grid: () => [offers.slice(0, 2), [], offers.slice(2)] } },
    },
    prices: {
      typeDefs: /* GraphQL */ `
        type Ware @key(fields: "id") {
          id: ID!
          price(in: String = "EUR"): String!
          name: String!
          maker: Maker!
        }
        type Maker @key(fields: "id") {
          id: ID!
        }
      `,
      resolvers: {
        Ware: {
          price: ({ id }: Row, args: Row) => `${String(id)} in ${String(args['in'])}`,
          name: ({ id }: Row) => `Ware ${String(id)}`,
          maker: ({ id }: Row) => ({ id: `m-${String(id)}` }),
        },
      },
    },
    makers: {
      typeDefs: /* GraphQL */ `
        type Maker @key(fields: "id") {
          id: ID!
          label(upper: Boolean! = false): String!
        }
      `,
      resolvers: {
        Maker: {
          label: ({ id }: Row, { upper }: Row) => (upper === true ? String(id).toUpperCase() : String(id)),
        },
      },
    },
  })

  it('gives each its own', async () => {
    const set = '... on Sale { ware { price } } ... on Loan { ware { price(in: $other) } }'
    const query = `query ($other: String!) { offers { ${set} } grid { ${set} } }`
    const sale = { ware: { price: 'w1 in EUR' } }
    const loans = [{ ware: { price: 'w1 in USD' } }, { ware: { price: 'w2 in USD' } }]
    expect(await dataOf(query, { other: 'USD' })).toEqual({
      offers: [sale, ...loans],
      grid: [[sale, loans[0]], [], [loans[1]]],
    })
  })

  it('gives each its own further down and behind fragments and aliases', async () => {
    const query = /* GraphQL */ `
      query {
        offers {
          ... on Sale {
            ware {
              ...Named
              maker {
                label
              }
            }
          }
          ...Lent
        }
      }
      fragment Named on Ware {
        what: name
      }
      fragment Lent on Loan {
        ware {
          what: price
          maker {
            label(upper: true)
          }
        }
      }
    `
    expect(await dataOf(query)).toEqual({
      offers: [
        { ware: { what: 'Ware w1', maker: { label: 'm-w1' } } },
        { ware: { what: 'w1 in EUR', maker: { label: 'M-W1' } } },
        { ware: { what: 'w2 in EUR', maker: { label: 'M-W2' } } },
      ],
    })
  })

  it('asks once where the calls are the same', async () => {
    const loan = '... on Loan { ware { price maker { label } } }'
    await dataOf(`{ offers { ... on Sale { ware { maker { label } price } } ${loan} } }`)
    expect(calls()).toEqual({ offers: 1, prices: 1, makers: 1 })
  })
})
