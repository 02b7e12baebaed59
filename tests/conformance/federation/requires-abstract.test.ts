import { describe, expect, it } from '@jest/globals'
import { reference, scenario, type Row } from './scenario.js'

describe('@requires through abstract types', () => {
  const things = [
    { id: 'e1', data: null },
    { id: 'e2', data: { __typename: 'Steel', mass: 'heavy', grade: 'A', alloy: 'Cr' } },
    { id: 'e3', data: { __typename: 'Wood', mass: 'light', grade: 'B', tree: 'oak' } },
  ]
  const types = /* GraphQL */ `
    interface Matter {
      mass: String!
    }
    interface Graded implements Matter {
      mass: String!
      grade: String!
    }
    type Steel implements Matter & Graded @shareable {
      mass: String!
      grade: String!
      alloy: String!
    }
    type Wood implements Matter & Graded @shareable {
      mass: String!
      grade: String!
      tree: String!
    }
  `
  const { dataOf, asked } = scenario({
    samples: {
      typeDefs: /* GraphQL */ `
        type Query {
          sample: Sample
        }
        type Sample @key(fields: "id") {
          id: ID!
          data: Matter
        }
        ${types}
      `,
      resolvers: {
        Query: { sample: () => things[1] },
        Sample: { __resolveReference: reference(things, 'id') },
      },
    },
    lab: {
      typeDefs: /* GraphQL */ `
        type Query {
          samples: [Sample!]!
        }
        type Sample @key(fields: "id") {
          id: ID!
          data: Matter @external
          report: String!
            @requires(fields: "data { mass ... on Graded { grade ... on Steel { alloy } ... on Wood { tree } } }")
          short: String! @requires(fields: "data { ... on Matter { mass } }")
        }
        ${types}
      `,
      resolvers: {
        Query: { samples: () => things.map(({ id }) => ({ id })) },
        Sample: {
          report: ({ data }: { data: Row | null }) => JSON.stringify(data),
          short: ({ data }: { data: Row | null }) => String(data?.['mass'] ?? 'nothing'),
        },
      },
    },
  })

  it('sends the fragments that fit', async () => {
    expect(await dataOf('{ sample { short data { __typename } } samples { id data { __typename } short } }')).toEqual({
      sample: { short: 'heavy', data: { __typename: 'Steel' } },
      samples: [
        { id: 'e1', data: null, short: 'nothing' },
        { id: 'e2', data: { __typename: 'Steel' }, short: 'heavy' },
        { id: 'e3', data: { __typename: 'Wood' }, short: 'light' },
      ],
    })
    expect(await dataOf('{ samples { report } }')).toMatchObject({ samples: [{ report: 'null' }, {}, {}] })
    expect(asked('lab').at(-1)?.variables['representations']).toEqual([
      { __typename: 'Sample', id: 'e1', data: null },
      { __typename: 'Sample', id: 'e2', data: { mass: 'heavy', grade: 'A', alloy: 'Cr' } },
      { __typename: 'Sample', id: 'e3', data: { mass: 'light', grade: 'B', tree: 'oak' } },
    ])
  })
})

describe('@requires of fields of an interface that entities implement', () => {
  const addresses = [
    { __typename: 'Home', id: 'h1', city: 'Rome' },
    { __typename: 'Office', id: 'o1', city: 'Oslo', floor: 3 },
  ]
  const { dataOf } = scenario({
    people: {
      typeDefs: /* GraphQL */ `
        type Query {
          people: [Person!]!
        }
        type Person @key(fields: "id") {
          id: ID!
          address: Address @external
          label: String! @requires(fields: "address { id ... on Office { floor } }")
          town: String! @requires(fields: "address { city }")
        }
        interface Address {
          id: ID!
          city: String
        }
        type Home implements Address @key(fields: "id") {
          id: ID!
          city: String @external
        }
        type Office implements Address @key(fields: "id") {
          id: ID!
          city: String @external
          floor: Int @external
        }
      `,
      resolvers: {
        Query: { people: () => [{ id: '1' }, { id: '2' }] },
        Person: {
          label: ({ address }: { address: Row }) => `${String(address['id'])}@${String(address['floor'] ?? '-')}`,
          town: ({ address }: { address: Row }) => String(address['city']).toUpperCase(),
        },
      },
    },
    addresses: {
      typeDefs: /* GraphQL */ `
        type Person @key(fields: "id") {
          id: ID!
          address: Address
        }
        interface Address {
          id: ID!
        }
        type Home implements Address @key(fields: "id") {
          id: ID!
        }
        type Office implements Address @key(fields: "id") {
          id: ID!
        }
      `,
      resolvers: {
        Person: {
          address: ({ id }: Row) => {
            const address = addresses[Number(id) - 1]
            return { __typename: address?.__typename, id: address?.id }
          },
        },
      },
    },
    map: {
      typeDefs: /* GraphQL */ `
        type Home @key(fields: "id") {
          id: ID!
          city: String
        }
        type Office @key(fields: "id") {
          id: ID!
          city: String
          floor: Int
        }
      `,
      resolvers: {
        Home: { __resolveReference: reference(addresses, 'id') },
        Office: { __resolveReference: reference(addresses, 'id') },
      },
    },
  })

  it('collects them type by type', async () => {
    expect(await dataOf('{ people { town label address { id } } }')).toEqual({
      people: [
        { town: 'ROME', label: 'h1@-', address: { id: 'h1' } },
        { town: 'OSLO', label: 'o1@3', address: { id: 'o1' } },
      ],
    })
  })
})
