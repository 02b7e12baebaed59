import { describe, expect, it } from '@jest/globals'
import { reference, scenario, type Row } from './scenario.js'

const accounts: readonly Row[] = [
  { __typename: 'Admin', id: 'u1', name: 'Ada', since: 11 },
  { __typename: 'Admin', id: 'u2', name: 'Grace', since: 22 },
  { __typename: 'Guest', id: 'u3', name: 'Tim', host: 'u1' },
]
const byId = { __resolveReference: reference(accounts, 'id') }

describe('an interface object', () => {
  const { asked, dataOf, calls } = scenario({
    registry: {
      typeDefs: /* GraphQL */ `
        type Query {
          accounts: [Account!]!
        }
        interface Account @key(fields: "id") {
          id: ID!
          name: String!
        }
        type Admin implements Account @key(fields: "id") {
          id: ID!
          name: String!
          since: Int!
        }
        type Guest implements Account @key(fields: "id") {
          id: ID!
          name: String!
          host: ID!
        }
      `,
      resolvers: { Query: { accounts: () => accounts }, Account: byId, Admin: byId, Guest: byId },
    },
    profiles: {
      typeDefs: /* GraphQL */ `
        type Query {
          visitors: [Account!]!
        }
        type Account @key(fields: "id") @interfaceObject {
          id: ID!
          name: String! @external
          handle: String!
          greeting: String! @requires(fields: "name")
        }
      `,
      resolvers: {
        Query: { visitors: () => accounts.map(({ id }) => ({ id })) },
        Account: {
          handle: ({ id }: Row) => `@${String(id)}`,
          greeting: ({ name }: Row) => `Dear ${String(name)}`,
        },
      },
    },
    presence: {
      typeDefs: /* GraphQL */ `
        type Account @key(fields: "id") @interfaceObject {
          id: ID!
          isActive: Boolean!
        }
      `,
      resolvers: { Account: { isActive: ({ id }: Row) => id === 'u2' } },
    },
    audit: {
      typeDefs: /* GraphQL */ `
        type Admin @key(fields: "id") {
          id: ID!
          lastAudit: String!
        }
      `,
      resolvers: { Admin: { lastAudit: ({ id }: Row) => `audit of ${String(id)}` } },
    },
  })

  it.each<[string, (account: Row) => Row]>([
    ['accounts { id name handle }', (a: Row) => ({ id: a['id'], name: a['name'], handle: `@${String(a['id'])}` })],
    ['visitors { id name handle }', (a: Row) => ({ id: a['id'], name: a['name'], handle: `@${String(a['id'])}` })],
    ['visitors { id isActive }', (a: Row) => ({ id: a['id'], isActive: a['id'] === 'u2' })],
    ['visitors { handle __typename }', (a: Row) => ({ handle: `@${String(a['id'])}`, __typename: a['__typename'] })],
    ['visitors { ... on Admin { since } }', (a: Row) => ('since' in a ? { since: a['since'] } : {})],
    ['visitors { ... on Admin { handle } }', (a: Row) => ('since' in a ? { handle: `@${String(a['id'])}` } : {})],
    [
      'accounts { ... on Guest { isActive t: __typename } }',
      (a: Row) => ('host' in a ? { isActive: false, t: 'Guest' } : {}),
    ],
    ...['accounts', 'visitors'].map((root): [string, (a: Row) => Row] => [
      `${root} { handle ... on Admin { greeting } }`,
      (a: Row) => ({
        handle: `@${String(a['id'])}`,
        ...('since' in a && { greeting: `Dear ${String(a['name'])}` }),
      }),
    ]),
    [
      'visitors { ... on Admin { ... on Account { greeting handle } } }',
      (a: Row) => ('since' in a ? { greeting: `Dear ${String(a['name'])}`, handle: `@${String(a['id'])}` } : {}),
    ],
    ['visitors { greeting }', (a: Row) => ({ greeting: `Dear ${String(a['name'])}` })],
    [
      'accounts { ... on Admin { greeting lastAudit } id }',
      (a: Row) =>
        'since' in a
          ? { greeting: `Dear ${String(a['name'])}`, lastAudit: `audit of ${String(a['id'])}`, id: a['id'] }
          : { id: a['id'] },
    ],
    [
      'visitors { ... on Admin { since id name handle lastAudit } }',
      ({ id, name, ...a }: Row) =>
        'since' in a
          ? {
              since: a['since'],
              id,
              name,
              handle: `@${String(id)}`,
              lastAudit: `audit of ${String(id)}`,
            }
          : {},
    ],
  ])('answers { %s }', async (query, expected) => {
    const root = query.split(' ', 1)[0] ?? ''
    expect(await dataOf(`{ ${query} }`)).toEqual({ [root]: accounts.map(expected) })
  })

  it('is not asked for what no key was fetched of', async () => {
    await dataOf('{ accounts { ... on Admin { ... on Account { greeting isActive } } } }')
    const sent = ['profiles', 'presence'].flatMap((name) =>
      asked(name).flatMap(({ variables }) => variables['representations']),
    )
    expect(sent.map((one) => Object(one).id)).toEqual(['u1', 'u2', 'u1', 'u2'])
  })

  it('gives what is its own without asking for types', async () => {
    await dataOf('{ visitors { id handle } }')
    expect(calls()).toEqual({ profiles: 1 })
  })
})

describe('an interface object that nobody can look up', () => {
  const { ask, dataOf } = scenario(
    {
      a: {
        typeDefs: /* GraphQL */ `
          type Query {
            fromA: Node
            bread: Ware!
          }
          interface Node @key(fields: "id") {
            id: ID!
          }
          type Ware @key(fields: "id", resolvable: false) @interfaceObject {
            id: ID!
          }
        `,
        resolvers: { Query: { fromA: () => ({ __typename: 'Node', id: 'n1' }), bread: () => ({ id: 'w1' }) } },
      },
      b: {
        typeDefs: /* GraphQL */ `
          type Query {
            fromB: Node
          }
          type Node @key(fields: "id", resolvable: false) @interfaceObject {
            id: ID!
            field: String
          }
          interface Ware @key(fields: "id") {
            id: ID!
          }
          type Bread implements Ware @key(fields: "id") {
            id: ID!
            grain: String!
          }
        `,
        resolvers: {
          Query: { fromB: () => ({ id: 'n1', field: 'b' }) },
          Ware: { __resolveReference: reference([{ __typename: 'Bread', id: 'w1', grain: 'rye' }], 'id') },
          Bread: { __resolveReference: reference([{ __typename: 'Bread', id: 'w1', grain: 'rye' }], 'id') },
        },
      },
    },
    { satisfiable: false },
  )

  it('answers for itself', async () => {
    expect(await dataOf('{ fromB { id field } bread { id ... on Bread { grain } } }')).toEqual({
      fromB: { id: 'n1', field: 'b' },
      bread: { id: 'w1', grain: 'rye' },
    })
  })

  it('is an error where an interface without types is asked for more, or for anything', async () => {
    expect(await ask('{ fromA { field } }')).toMatchObject({ data: null, errors: [{}] })
    expect(await ask('{ fromA { id } }')).toMatchObject({ data: { fromA: null }, errors: [{}] })
    expect((await ask('{ bread { grain } }')).errors).toHaveLength(1)
  })
})
