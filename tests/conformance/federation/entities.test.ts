import { describe, expect, it } from '@jest/globals'
import { reference, scenario, type Row } from './scenario.js'

describe('an entity', () => {
  const members = [
    { id: 'm1', card: 'C-1', name: 'Ada', loans: 3 },
    { id: 'm2', card: 'C-2', name: 'Grace', loans: 0 },
  ]
  const { dataOf, asked } = scenario({
    desk: {
      typeDefs: /* GraphQL */ `
        type Query {
          member: Member
          members: [Member!]!
        }
        type Member @key(fields: "id") {
          id: ID!
          card: String! @shareable
        }
      `,
      resolvers: { Query: { member: () => members[0], members: () => members } },
    },
    shelf: {
      typeDefs: /* GraphQL */ `
        type Member @key(fields: "card") {
          card: String! @shareable
          loans: Int!
        }
      `,
      resolvers: { Member: { __resolveReference: reference(members, 'card') } },
    },
    people: {
      typeDefs: /* GraphQL */ `
        type Member @key(fields: "card") @key(fields: "id") {
          id: ID!
          card: String! @shareable
          name: String!
        }
      `,
      resolvers: { Member: { __resolveReference: reference(members, 'id', 'card') } },
    },
  })

  it('is joined by the key its subgraphs share, which the client did not ask for', async () => {
    expect(await dataOf('{ member { id loans } }')).toEqual({ member: { id: 'm1', loans: 3 } })
    expect(asked('shelf')[0]?.variables).toEqual({ representations: [{ __typename: 'Member', card: 'C-1' }] })
  })

  it('with several keys is joined from several subgraphs', async () => {
    expect(await dataOf('{ members { name loans } }')).toEqual({
      members: [
        { name: 'Ada', loans: 3 },
        { name: 'Grace', loans: 0 },
      ],
    })
  })
})

describe('entities with keys in keys', () => {
  const goods = [
    { id: 'g1', lot: 'L1', group: { id: 'x', tag: 'fresh' }, cost: 5, groupName: 'Fruit' },
    { id: 'g2', lot: 'L2', group: { id: 'y', tag: 'dry' }, cost: 7, groupName: 'Grain' },
  ]
  const sameGood = (sent: Row) =>
    goods.find((good) => good.id === sent['id'] && JSON.stringify(good.group) === JSON.stringify(sent['group'])) ?? null
  const lists = goods.map(({ id, lot }) => ({ id, lot }))
  const { dataOf, asked } = scenario(
    {
      stock: {
        typeDefs: /* GraphQL */ `
          type Query {
            best: GoodList!
          }
          type GoodList @key(fields: "goods { id }") {
            goods: [Good!]!
          }
          type Good @key(fields: "id") {
            id: ID!
          }
        `,
        resolvers: { Query: { best: () => ({ goods: lists }) } },
      },
      groups: {
        typeDefs: /* GraphQL */ `
          type Good @key(fields: "id") {
            id: ID!
            lot: String! @shareable
            group: Group @shareable
          }
          type Group @key(fields: "id") {
            id: ID!
            tag: String @shareable
            main: Good!
          }
        `,
        resolvers: {
          Good: { __resolveReference: reference(goods, 'id') },
          Group: { main: ({ id }: Row) => goods.find(({ group }) => group.id === id) },
        },
      },
      costs: {
        typeDefs: /* GraphQL */ `
          type Good @key(fields: "id group { id tag }") {
            id: ID!
            group: Group @shareable
            cost: Cost!
          }
          type Group {
            id: ID! @shareable
            tag: String @shareable
          }
          type Cost {
            amount: Int!
          }
        `,
        resolvers: {
          Good: { __resolveReference: sameGood, cost: ({ cost }: { cost: number }) => ({ amount: cost }) },
        },
      },
      ranking: {
        typeDefs: /* GraphQL */ `
          type GoodList @key(fields: "goods { id lot }") {
            goods: [Good!]! @shareable
            first: Good @shareable
            selected: Good
          }
          type Good {
            id: ID! @shareable
            lot: String! @shareable
          }
        `,
        resolvers: {
          GoodList: {
            first: ({ goods: sent }: { goods: Row[] }) => sent[0],
            selected: ({ goods: sent }: { goods: Row[] }) => sent.at(-1),
          },
        },
      },
    },
    { satisfiable: false },
  )

  it('are looked up by all of it, lists and objects too', async () => {
    expect(await dataOf('{ best { goods { id lot cost { amount } group { main { id } id tag } } } }')).toEqual({
      best: {
        goods: [
          { id: 'g1', lot: 'L1', cost: { amount: 5 }, group: { main: { id: 'g1' }, id: 'x', tag: 'fresh' } },
          { id: 'g2', lot: 'L2', cost: { amount: 7 }, group: { main: { id: 'g2' }, id: 'y', tag: 'dry' } },
        ],
      },
    })
    expect(asked('costs')[0]?.variables['representations']).toEqual(
      goods.map(({ id, group }) => ({ __typename: 'Good', id, group })),
    )
  })

  it('are found through a list of other entities', async () => {
    expect(await dataOf('{ best { selected { id } first { id } goods { cost { amount } } } }')).toEqual({
      best: { selected: { id: 'g2' }, first: { id: 'g1' }, goods: [{ cost: { amount: 5 } }, { cost: { amount: 7 } }] },
    })
  })
})

describe('entities reached by one key and known by another', () => {
  const parts = [{ id: 'a1', code: 'k1', inner: { id: 'i1' }, name: 'wheel' }]
  const { dataOf } = scenario(
    {
      catalogue: {
        typeDefs: /* GraphQL */ `
          type Part @key(fields: "id") @key(fields: "id code") @key(fields: "inner { id }") {
            id: ID!
            code: ID!
            inner: Inner!
            name: String!
          }
          type Inner {
            id: ID! @shareable
          }
        `,
        resolvers: {
          Part: {
            __resolveReference: (sent: Row) =>
              parts.find(
                ({ id, inner }) => id === sent['id'] || JSON.stringify(inner) === JSON.stringify(sent['inner']),
              ) ?? null,
          },
        },
      },
      assembly: {
        typeDefs: /* GraphQL */ `
          type Query {
            machine: Machine
          }
          type Machine @key(fields: "id") {
            id: ID!
            parts: [Part!]!
          }
          type Part @key(fields: "id code inner { id }") {
            id: ID!
            code: ID! @shareable
            inner: Inner! @shareable
            name: String! @external
            label: String! @requires(fields: "name")
          }
          type Inner {
            id: ID! @shareable
          }
        `,
        resolvers: {
          Query: { machine: () => ({ id: 'x', parts: parts.map(({ id, code, inner }) => ({ id, code, inner })) }) },
          Part: { label: ({ id, code, name }: Row) => [id, code, name].map(String).join('/') },
        },
      },
    },
    { satisfiable: false },
  )

  it('carry every part of every key back', async () => {
    expect(await dataOf('{ machine { id parts { id name label } } }')).toEqual({
      machine: { id: 'x', parts: [{ id: 'a1', name: 'wheel', label: 'a1/k1/wheel' }] },
    })
  })
})

describe('entities that one subgraph does not know', () => {
  const papers = [
    { id: 'p1', doi: 'd1', writer: 'w1' },
    { id: 'p2', doi: 'd2', writer: 'w2' },
    { id: 'p3', doi: 'd3', writer: null },
  ]
  const writers = [
    { id: 'w1', name: 'Ada' },
    { id: 'w2', name: 'Grace' },
  ]
  const { dataOf } = scenario({
    library: {
      typeDefs: /* GraphQL */ `
        type Query {
          shelves: [Shelf!]!
        }
        type Shelf {
          paper: Paper
        }
        type Paper @key(fields: "doi") {
          doi: ID!
        }
      `,
      resolvers: { Query: { shelves: () => [...papers, { doi: 'lost' }, null].map((paper) => ({ paper })) } },
    },
    bridge: {
      typeDefs: /* GraphQL */ `
        type Paper @key(fields: "doi") @key(fields: "id") {
          id: ID!
          doi: ID!
        }
      `,
      // knows no third paper
      resolvers: { Paper: { __resolveReference: reference(papers.slice(0, 2), 'doi', 'id') } },
    },
    authors: {
      typeDefs: /* GraphQL */ `
        type Paper @key(fields: "id") {
          id: ID!
          writer: Writer
        }
        type Writer @key(fields: "id") {
          id: ID!
          name: String!
        }
      `,
      resolvers: {
        Paper: {
          __resolveReference: reference(papers, 'id'),
          writer: ({ writer }: Row) => writers.find(({ id }) => id === writer) ?? null,
        },
        Writer: { __resolveReference: reference(writers, 'id') },
      },
    },
  })

  it('are null from there on, and nothing else is', async () => {
    expect(await dataOf('{ shelves { paper { doi writer { name } } } }')).toEqual({
      shelves: [
        { paper: { doi: 'd1', writer: { name: 'Ada' } } },
        { paper: { doi: 'd2', writer: { name: 'Grace' } } },
        { paper: { doi: 'd3', writer: null } },
        { paper: { doi: 'lost', writer: null } },
        { paper: null },
      ],
    })
  })
})

describe('an object without a key', () => {
  const { dataOf, calls } = scenario({
    naming: {
      typeDefs: /* GraphQL */ `
        type Product @key(fields: "id") {
          id: ID!
          name: String!
          category: Category @shareable
        }
        type Category {
          name: String!
        }
      `,
      resolvers: {
        Product: { name: ({ id }: Row) => `product ${String(id)}`, category: () => ({ name: 'toys' }) },
      },
    },
    detailing: {
      typeDefs: /* GraphQL */ `
        type Product @key(fields: "id") {
          id: ID!
          name: String! @external
          category: Category @shareable @requires(fields: "name")
        }
        type Category {
          details: String!
          shelf: Shelf
        }
        type Shelf @key(fields: "id") {
          id: ID!
        }
      `,
      resolvers: {
        Product: {
          category: ({ name }: Row) => ({ details: `details of ${String(name)}`, shelf: { id: 's1' } }),
        },
      },
    },
    entry: {
      typeDefs: /* GraphQL */ `
        type Query {
          product: Product
        }
        type Product @key(fields: "id") {
          id: ID!
        }
        type Shelf @key(fields: "id") {
          id: ID!
          row: Int!
        }
      `,
      resolvers: { Query: { product: () => ({ id: '1' }) }, Shelf: { row: () => 4 } },
    },
  })

  it('is put together by way of the entity around it', async () => {
    expect(await dataOf('{ product { category { name details shelf { row } } } }')).toEqual({
      product: { category: { name: 'toys', details: 'details of product 1', shelf: { row: 4 } } },
    })
  })

  it('is not fetched where it is not needed', async () => {
    await dataOf('{ product { category { name } } }')
    expect(calls()).toEqual({ entry: 1, naming: 1 })
  })
})
