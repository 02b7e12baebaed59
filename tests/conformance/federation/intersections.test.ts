import { describe, expect, it } from '@jest/globals'
import { reference, scenario, type Row } from './scenario.js'

describe('enums, inputs and unions that subgraphs do not share whole', () => {
  const users = [
    { id: 'u1', kind: 'REGULAR' },
    { id: 'u2', kind: 'SECRET' },
  ]
  const book = { __typename: 'Book', title: 'SICP' }
  const { ask, dataOf } = scenario({
    a: {
      typeDefs: /* GraphQL */ `
        type Query {
          usersA(filter: Filter): [User!]!
          media: Media @shareable
          viewer: Viewer @shareable
        }
        type Viewer {
          media: Media @shareable
          song: Media @shareable
        }
        type User @key(fields: "id") {
          id: ID!
          kind: Kind @shareable
        }
        enum Kind {
          REGULAR
        }
        input Filter {
          first: Int!
        }
        union Media = Book | Song
        type Book @shareable {
          title: String!
        }
        type Song @shareable {
          title: String!
        }
      `,
      resolvers: {
        Query: {
          usersA: (_: unknown, { filter }: Row) => (filter === undefined ? users : users.slice(0, 1)),
          media: () => book,
          viewer: () => ({ media: book, song: { __typename: 'Song', title: 'Aria' } }),
        },
        User: { __resolveReference: reference(users, 'id') },
      },
    },
    b: {
      typeDefs: /* GraphQL */ `
        type Query {
          usersB(filter: Filter, kind: Kind): [User!]!
          media: Media @shareable
          viewer: Viewer @shareable
        }
        type Viewer {
          media: Media @shareable
          film: Media
        }
        type User @key(fields: "id") {
          id: ID!
          kind: Kind @shareable
          secret: String @inaccessible
        }
        enum Kind {
          REGULAR
          SECRET @inaccessible
        }
        input Filter {
          first: Int!
          offset: Int
        }
        union Media = Book | Film
        type Book @shareable {
          title: String!
        }
        type Film @shareable {
          title: String!
        }
      `,
      resolvers: {
        Query: {
          usersB: (_: unknown, { kind }: Row) => users.filter((user) => kind === undefined || user.kind === kind),
          media: () => book,
          viewer: () => ({ media: book, film: { __typename: 'Film', title: 'Tron' } }),
        },
        User: { __resolveReference: reference(users, 'id') },
      },
    },
  })
  const kinds = [
    { id: 'u1', kind: 'REGULAR' },
    { id: 'u2', kind: null },
  ]

  it('show no value that clients do not know, whoever sends it', async () => {
    expect((await ask('{ usersA { id kind } }')).data).toEqual({ usersA: kinds })
    expect((await ask('{ usersB { id kind } }')).data).toEqual({ usersB: kinds })
    expect(await dataOf('{ usersB(kind: REGULAR) { id } }')).toEqual({ usersB: [{ id: 'u1' }] })
  })

  it('take only what every subgraph can take', async () => {
    expect(await dataOf('{ usersA(filter: { first: 1 }) { id } }')).toEqual({ usersA: [{ id: 'u1' }] })
    for (const query of [
      '{ usersA(filter: { first: 1, offset: 2 }) { id } }',
      '{ usersB(filter: { first: 1, offset: 2 }) { id } }',
      '{ usersB(kind: SECRET) { id } }',
      '{ usersB { secret } }',
    ])
      expect((await ask(query)).errors?.map(({ extensions }) => extensions.code)).toEqual(['GRAPHQL_VALIDATION_FAILED'])
  })

  it('ask each subgraph for the members it knows', async () => {
    const all = '__typename ... on Song { title } ... on Film { title } ... on Book { title }'
    expect(await dataOf(`{ media { ${all} } viewer { media { ${all} } song { ${all} } film { ${all} } } }`)).toEqual({
      media: book,
      viewer: {
        media: book,
        song: { __typename: 'Song', title: 'Aria' },
        film: { __typename: 'Film', title: 'Tron' },
      },
    })
    expect(await dataOf('{ media { ... on Film { title } } }')).toEqual({ media: {} })
  })
})

describe('types that agree on a field but not on its type', () => {
  const { dataOf } = scenario({
    a: {
      typeDefs: /* GraphQL */ `
        type Query {
          users: [User!]
        }
        type User @key(fields: "id") {
          id: ID @shareable
        }
      `,
      resolvers: { Query: { users: () => [{ id: 'u1' }] } },
    },
    b: {
      typeDefs: /* GraphQL */ `
        type Query {
          accounts: [Account!]!
        }
        union Account = User | Admin
        type User @key(fields: "id") {
          id: ID! @shareable
          name: String!
          alike: [Account!]!
        }
        type Admin {
          id: ID
          name: String!
          alike: [Account!]!
        }
      `,
      resolvers: {
        Query: { accounts: () => everybody() },
        User: { name: ({ id }: Row) => `name of ${String(id)}`, alike: () => everybody() },
        Admin: { name: () => 'root', alike: () => everybody() },
      },
    },
  })
  const everybody = () => [
    { __typename: 'User', id: 'u1' },
    { __typename: 'Admin', id: 'a1' },
  ]

  it('answer under one name, at any depth', async () => {
    const one = '... on User { id name } ... on Admin { id name }'
    const deep = `... on User { id name alike { ${one} } } ... on Admin { id name alike { ${one} } }`
    const flat = [
      { id: 'u1', name: 'name of u1' },
      { id: 'a1', name: 'root' },
    ]
    expect(await dataOf(`{ users { id name } accounts { ${deep} } }`)).toEqual({
      users: [{ id: 'u1', name: 'name of u1' }],
      accounts: flat.map((account) => ({ ...account, alike: flat })),
    })
  })
})

describe('@override', () => {
  const posts = [{ id: 'p1', day: 'from new', text: 'new' }]
  const olds = [{ id: 'p1', day: 'from old', text: 'old', author: 'Ada' }]
  const { dataOf, calls } = scenario({
    old: {
      typeDefs: /* GraphQL */ `
        type Query {
          feedOfOld: [Post]
        }
        interface Dated {
          day: String!
        }
        type Post implements Dated @key(fields: "id") {
          id: ID!
          day: String!
          text: String! @shareable
          author: String!
        }
      `,
      resolvers: { Query: { feedOfOld: () => olds }, Post: { __resolveReference: reference(olds, 'id') } },
    },
    new: {
      typeDefs: /* GraphQL */ `
        type Query {
          feedOfNew: [Post]
          dated: [Dated]
        }
        interface Dated {
          day: String!
        }
        type Post implements Dated @key(fields: "id") {
          id: ID!
          day: String! @override(from: "old")
          text: String! @shareable @override(from: "a-subgraph-that-has-gone")
          author: String! @external
          byline: String! @requires(fields: "author")
        }
      `,
      resolvers: {
        Query: { feedOfNew: () => posts, dated: () => posts.map((post) => ({ __typename: 'Post', ...post })) },
        Post: { __resolveReference: reference(posts, 'id'), byline: ({ author }: Row) => `by ${String(author)}` },
      },
    },
  })

  it('moves a field to another subgraph, through interfaces and requirements too', async () => {
    expect(await dataOf('{ feedOfOld { id day byline } feedOfNew { day author byline } dated { day } }')).toEqual({
      feedOfOld: [{ id: 'p1', day: 'from new', byline: 'by Ada' }],
      feedOfNew: [{ day: 'from new', author: 'Ada', byline: 'by Ada' }],
      dated: [{ day: 'from new' }],
    })
  })

  it('leaves alone what is not its own', async () => {
    expect(await dataOf('{ feedOfOld { author } }')).toEqual({ feedOfOld: [{ author: 'Ada' }] })
    expect(calls()).toEqual({ old: 1 })
  })
})
