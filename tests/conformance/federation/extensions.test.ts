import { describe, expect, it } from '@jest/globals'
import { reference, scenario, type Row } from './scenario.js'

const ships = [{ id: 's1', pid: 'pid-1', hull: 'h-1', name: 'Argo', rid: 'r-1' }]
const [ship] = ships

describe('a type of the first federation', () => {
  describe('extended by the directive, its key external', () => {
    const { dataOf } = scenario({
      a: {
        federation: 1,
        typeDefs: /* GraphQL */ `
          type Query {
            someShip: Ship
          }
          type Ship @extends @key(fields: "id") {
            id: ID! @external
            rid: ID
          }
        `,
        resolvers: { Query: { someShip: () => ({ id: ship?.id, rid: ship?.rid }) } },
      },
      b: {
        federation: 1,
        typeDefs: /* GraphQL */ `
          type Query {
            shipOf(id: ID!): Ship
          }
          type Ship @key(fields: "id") {
            id: ID!
            name: String!
          }
        `,
        resolvers: {
          Query: { shipOf: (_: unknown, { id }: Row) => ships.find((one) => one.id === id) },
          Ship: { __resolveReference: reference(ships, 'id') },
        },
      },
    })

    it('gives its key by itself, and is completed from its origin', async () => {
      expect(await dataOf('{ someShip { id rid } }')).toEqual({ someShip: { id: 's1', rid: 'r-1' } })
      expect(await dataOf('{ someShip { rid name } byId: shipOf(id: "s1") { name } }')).toEqual({
        someShip: { rid: 'r-1', name: 'Argo' },
        byId: { name: 'Argo' },
      })
    })
  })

  describe('extended with several keys, some of them elsewhere', () => {
    const { dataOf } = scenario({
      a: {
        federation: 1,
        typeDefs: /* GraphQL */ `
          type Query {
            inA: Ship
          }
          extend type Ship @key(fields: "id") @key(fields: "hull") {
            id: ID! @external
            hull: ID! @external
            name: String @external
            plate: String @requires(fields: "name")
          }
        `,
        resolvers: {
          Query: { inA: () => ({ id: ship?.id, hull: ship?.hull }) },
          Ship: { plate: ({ name }: Row) => `=${String(name)}=` },
        },
      },
      b: {
        federation: 1,
        typeDefs: /* GraphQL */ `
          type Query {
            inB: Ship
          }
          type Ship @key(fields: "id") @key(fields: "hull") {
            id: ID!
            hull: ID!
            pid: ID
            name: String
          }
        `,
        resolvers: {
          Query: { inB: () => ship },
          Ship: { __resolveReference: reference(ships, 'id', 'hull') },
        },
      },
    })

    it('requires fields of its origin', async () => {
      expect(await dataOf('{ inA { id hull pid name plate } inB { id plate } }')).toEqual({
        inA: { id: 's1', hull: 'h-1', pid: 'pid-1', name: 'Argo', plate: '=Argo=' },
        inB: { id: 's1', plate: '=Argo=' },
      })
    })
  })
})

describe('a type of the second federation', () => {
  const origin = {
    typeDefs: /* GraphQL */ `
      type Query {
        inOrigin: Ship
      }
      type Ship @key(fields: "id") {
        id: ID!
        pid: ID @shareable
        name: String!
      }
    `,
    resolvers: { Query: { inOrigin: () => ship }, Ship: { __resolveReference: reference(ships, 'id') } },
  }
  const extension = (head: string) => ({
    typeDefs: /* GraphQL */ `
      type Query {
        inExtension: Ship
      }
      ${head} @key(fields: "id") {
        id: ID! @external
        rid: ID!
        pid: ID @shareable
      }
    `,
    resolvers: {
      Query: { inExtension: () => ({ id: ship?.id, rid: ship?.rid, pid: ship?.pid }) },
      Ship: { __resolveReference: reference([{ id: 's1', rid: 'r-1', pid: 'pid-1' }], 'id') },
    },
  })
  const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3",
    import: ["@key", "@external", "@shareable", "@extends"])`
  const linked = (head: string) => ({ ...extension(head), typeDefs: `${link} ${extension(head).typeDefs}` })

  describe.each(['extend type Ship', 'type Ship @extends'])('written as %s with an external key', (head) => {
    const { dataOf, calls } = scenario({ origin, extension: linked(head) })

    it('is whole from both sides', async () => {
      const all = { id: 's1', rid: 'r-1', pid: 'pid-1', name: 'Argo' }
      expect(await dataOf('{ inExtension { id rid pid name } inOrigin { id rid pid name } }')).toEqual({
        inExtension: all,
        inOrigin: all,
      })
    })

    it('gives its external key without a detour', async () => {
      expect(await dataOf('{ inExtension { id rid } }')).toEqual({ inExtension: { id: 's1', rid: 'r-1' } })
      expect(calls()).toEqual({ extension: 1 })
    })
  })
})

describe('a field that is external for no reason', () => {
  const cars = [
    { id: 'c1', price: 9, name: 'Mini' },
    { id: 'c2', price: 3, name: 'Beetle' },
  ]
  const { dataOf } = scenario({
    names: {
      typeDefs: /* GraphQL */ `
        type Query {
          cars: [Car!]!
        }
        type Car @key(fields: "id") {
          id: ID!
          name: String!
        }
      `,
      resolvers: { Query: { cars: () => cars }, Car: { __resolveReference: reference(cars, 'id') } },
    },
    prices: {
      typeDefs: /* GraphQL */ `
        type Query {
          cheapest: Car
        }
        extend type Car @key(fields: "id") {
          id: ID! @external
          price: Int
        }
      `,
      resolvers: {
        Query: { cheapest: () => cars[1] },
        Car: { __resolveReference: reference(cars, 'id') },
      },
    },
  })

  it('does not keep its type from being joined', async () => {
    expect(await dataOf('{ cheapest { id price name } cars { price } }')).toEqual({
      cheapest: { id: 'c2', price: 3, name: 'Beetle' },
      cars: [{ price: 9 }, { price: 3 }],
    })
  })
})
