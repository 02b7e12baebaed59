import { describe, expect, it } from '@jest/globals'
import { scenario, type Row } from './scenario.js'

describe('interfaces over entities of several subgraphs', () => {
  const { dataOf } = scenario({
    nodes: {
      typeDefs: /* GraphQL */ `
        type Query {
          node: Node
          anything: [Node!]!
        }
        interface Node {
          id: ID!
        }
        type Chair implements Node @key(fields: "id") {
          id: ID!
        }
        type Table implements Node @key(fields: "id") {
          id: ID!
        }
      `,
      resolvers: {
        Query: {
          node: () => ({ __typename: 'Chair', id: 'c1' }),
          anything: () => [
            { __typename: 'Chair', id: 'c1' },
            { __typename: 'Table', id: 't1' },
          ],
        },
      },
    },
    furniture: {
      typeDefs: /* GraphQL */ `
        interface Node {
          id: ID!
        }
        type Chair implements Node @key(fields: "id") {
          id: ID!
          name: String!
          price: Int!
        }
        type Table implements Node @key(fields: "id") {
          id: ID!
          name: String!
          legs: Int!
        }
      `,
      resolvers: {
        Chair: { name: ({ id }: Row) => `chair ${String(id)}`, price: () => 5 },
        Table: { name: ({ id }: Row) => `table ${String(id)}`, legs: () => 4 },
      },
    },
  })

  it('are refined by type', async () => {
    expect(await dataOf('{ node { ... on Chair { id name __typename price } ... on Table { legs } } }')).toEqual({
      node: { id: 'c1', name: 'chair c1', __typename: 'Chair', price: 5 },
    })
    expect(await dataOf('{ anything { id ... on Chair { name } ... on Table { name legs } } }')).toEqual({
      anything: [
        { id: 'c1', name: 'chair c1' },
        { id: 't1', name: 'table t1', legs: 4 },
      ],
    })
  })
})
