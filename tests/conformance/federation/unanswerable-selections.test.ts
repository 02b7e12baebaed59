import { describe, expect, it } from '@jest/globals'
import { scenario } from './scenario.js'

describe('a selection that nothing can answer', () => {
  const { ask, dataOf, calls } = scenario(
    {
      kennel: {
        typeDefs: /* GraphQL */ `
          type Query {
            pet(id: ID!): Pet @shareable
            ghost: Ghost
            count: Int!
          }
          interface Pet {
            id: ID!
          }
          interface Ghost {
            id: ID!
          }
          type Dog implements Pet @key(fields: "id") {
            id: ID!
            name: String!
          }
          type Cat implements Pet @key(fields: "id") {
            id: ID! @external
            home: String!
          }
        `,
        resolvers: {
          Query: {
            pet: (_root: unknown, { id }: { id: string }) =>
              id === 'd1' ? { __typename: 'Dog', id, name: 'Rex' } : { __typename: 'Cat', id: 'not known here' },
            ghost: () => null,
            count: () => 2,
          },
        },
      },
      cattery: {
        typeDefs: /* GraphQL */ `
          type Query {
            pet(id: ID!): Pet @shareable
          }
          interface Pet {
            id: ID!
          }
          interface Ghost {
            id: ID!
            sound: String
          }
          type Dog implements Pet @key(fields: "id") {
            id: ID! @external
          }
          type Cat implements Pet @key(fields: "id") {
            id: ID!
            lives: Int!
          }
        `,
        resolvers: {
          Query: {
            pet: (_root: unknown, { id }: { id: string }) =>
              id === 'd1' ? { __typename: 'Dog', id: 'not known here' } : { __typename: 'Cat', id, lives: 9 },
          },
        },
      },
    },
    { satisfiable: false },
  )
  const codesOf = async (query: string) => {
    const { status, data, errors } = await ask(query)
    return { status, data, errors: errors?.map(({ extensions, path }) => [extensions.code, path]) }
  }

  it('is an error with null data, and nothing is fetched', async () => {
    const refusal = { status: 200, data: null, errors: [['PLAN_NOT_FOUND', undefined]] }
    expect(await codesOf('{ pet(id: "d1") { id } }')).toEqual(refusal)
    expect(await codesOf('{ one: pet(id: "d1") { id ... on Cat { id } } two: pet(id: "c1") { __typename } }')).toEqual(
      refusal,
    )
    expect(await codesOf('{ ghost { sound } }')).toEqual(refusal)
    expect(await codesOf('query { ...G } fragment G on Query { ghost { sound } __typename }')).toEqual(refusal)
    expect(calls()).toEqual({})
  })

  it('is an error of its own field beside others', async () => {
    expect(await codesOf('{ id: ghost { sound } count }')).toEqual({
      status: 200,
      data: { id: null, count: 2 },
      errors: [['PLAN_NOT_FOUND', ['id']]],
    })
  })

  it('is no error where it is left out', async () => {
    const query = 'query ($seen: Boolean!) { ghost @include(if: $seen) { sound } count }'
    expect(await dataOf(query, { seen: false })).toEqual({ count: 2 })
    expect(await dataOf('{ ghost @skip(if: true) { sound } __typename }')).toEqual({ __typename: 'Query' })
    expect((await ask(query, { seen: true })).errors?.[0]?.path).toEqual(['ghost'])
  })

  it('is not suspected behind a fragment that a fetch keeps', async () => {
    const query = 'query ($seen: Boolean!) { ...C ...C @skip(if: $seen) } fragment C on Query { one: count two: count }'
    expect(await dataOf(query, { seen: false })).toEqual({ one: 2, two: 2 })
  })

  it('leaves what can be answered alone', async () => {
    expect(
      await dataOf('{ dog: pet(id: "d1") { ... on Dog { id name } } cat: pet(id: "c1") { ... on Cat { id lives } } }'),
    ).toEqual({ dog: { id: 'd1', name: 'Rex' }, cat: { id: 'c1', lives: 9 } })
    expect(await dataOf('{ dog: pet(id: "d1") { __typename } cat: pet(id: "c1") { __typename } }')).toEqual({
      dog: { __typename: 'Dog' },
      cat: { __typename: 'Cat' },
    })
  })
})
