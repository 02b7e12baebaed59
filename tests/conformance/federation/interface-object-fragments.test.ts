import { describe, expect, it } from '@jest/globals'
import { reference, scenario, type Row } from './scenario.js'

const works: readonly Row[] = [
  { __typename: 'Book', id: 'w1', title: 'Emma', pages: 474 },
  { __typename: 'Film', id: 'w2', title: 'Heat', minutes: 170 },
]
const byId = { __resolveReference: reference(works, 'id') }

// an interface that is an object elsewhere, beside others that only some of its types are of
describe('fragments on what an interface object knows nothing of', () => {
  const { dataOf, dataInParts } = scenario({
    library: {
      typeDefs: /* GraphQL */ `
        type Query {
          works: [Work!]!
        }
        interface Printed {
          id: ID!
          pages: Int
        }
        union Shown = Film
        interface Work @key(fields: "id") {
          id: ID!
          title: String!
        }
        type Book implements Work & Printed @key(fields: "id") {
          id: ID!
          title: String!
          pages: Int
          sequel: Work
        }
        type Film implements Work @key(fields: "id") {
          id: ID!
          title: String!
          minutes: Int
        }
        type Map implements Printed @key(fields: "id") {
          id: ID!
          pages: Int
        }
      `,
      resolvers: {
        Query: { works: () => works },
        Work: byId,
        Book: { ...byId, sequel: () => works[1] },
        Film: byId,
      },
    },
    studios: {
      typeDefs: /* GraphQL */ `
        type Film @key(fields: "id") {
          id: ID!
          studio: String
        }
      `,
      resolvers: { Film: { studio: ({ id }: Row) => `studio of ${String(id)}` } },
    },
    ratings: {
      typeDefs: /* GraphQL */ `
        type Query {
          rated: [Work!]!
        }
        type Work @key(fields: "id") @interfaceObject {
          id: ID!
          stars: Int!
          next: Work
        }
      `,
      resolvers: {
        Query: { rated: () => works.map(({ id }) => ({ id })) },
        Work: { stars: ({ id }: Row) => (id === 'w1' ? 5 : 3), next: () => ({ id: 'w1' }) },
      },
    },
  })

  it.each<[string, unknown]>([
    ['{ rated { ... on Printed { id } } }', [{ id: 'w1' }, {}]],
    [
      '{ rated { stars ... on Printed { __typename length: pages } } }',
      [{ stars: 5, __typename: 'Book', length: 474 }, { stars: 3 }],
    ],
    [
      '{ rated { ...F } } fragment F on Printed { pages ... on Work { stars next { ...G } } } fragment G on Printed { id }',
      [{ pages: 474, stars: 5, next: { id: 'w1' } }, {}],
    ],
    ['{ rated { ... on Shown { ... on Film { minutes } } } }', [{}, { minutes: 170 }]],
    [
      '{ rated { ... on Printed { ... on Book { sequel { ... on Shown { __typename } stars } } ... on Map { pages } } } }',
      [{ sequel: { __typename: 'Film', stars: 3 } }, {}],
    ],
  ])('answer %s by the types that are both', async (query, expected) => {
    expect(await dataOf(query)).toEqual({ rated: expected })
  })

  it('are completed for a type that a third subgraph alone adds to', async () => {
    expect(
      await dataOf('{ works { title ... on Film { minutes studio } } rated { id ... on Film { minutes studio } } }'),
    ).toEqual({
      works: [{ title: 'Emma' }, { title: 'Heat', minutes: 170, studio: 'studio of w2' }],
      rated: [{ id: 'w1' }, { id: 'w2', minutes: 170, studio: 'studio of w2' }],
    })
  })

  it.each<[string, unknown]>([
    [
      'rated { ... on Book { ... on Book @defer { sequel { id } } pages } }',
      [{ pages: 474, sequel: { id: 'w2' } }, {}],
    ],
    ['rated { stars ... on Film @defer { minutes } }', [{ stars: 5 }, { stars: 3, minutes: 170 }]],
  ])('may come later: %s', async (selection, rated) => {
    expect(await dataInParts(`{ ${selection} }`)).toEqual({ rated })
  })
})
