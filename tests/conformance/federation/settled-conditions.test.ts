import { describe, expect, it } from '@jest/globals'
import { reference, scenario, type Row } from './scenario.js'

/* Conditions the planner takes for something else than they are: beside parts that come later, and written out. */

const books: readonly Row[] = [{ id: 'b1', title: 'Emma', weight: 3, pages: 474 }]

describe('a field that requires something, under a condition and in a part that comes later', () => {
  const { dataOf, dataInParts, calls } = scenario({
    catalogue: {
      typeDefs: /* GraphQL */ `
        type Query {
          book: Book!
        }
        type Book @key(fields: "id") {
          id: ID!
          title: String!
          weight: Int!
        }
      `,
      resolvers: { Query: { book: () => books[0] }, Book: { __resolveReference: reference(books, 'id') } },
    },
    shipping: {
      typeDefs: /* GraphQL */ `
        type Book @key(fields: "id") {
          id: ID!
          weight: Int! @external
          freight: Int! @requires(fields: "weight")
          pages: Int!
        }
      `,
      resolvers: {
        Book: { __resolveReference: reference(books, 'id'), freight: ({ weight }: Row) => 10 * Number(weight) },
      },
    },
  })
  it.each([
    ['', '@include(if: false)'],
    ['', '@skip(if: false)'],
    ['($yes: Boolean = true, $no: Boolean = false)', '@include(if: $no) @skip(if: $yes)'],
    ['($yes: Boolean = true)', '@include(if: $yes)'],
  ])('leaves its neighbour alone: query %s with %s', async (variables, condition) => {
    const query = `query ${variables} { book { ...F length: pages } }
      fragment F on Book { freight ${condition} ... on Book @defer { freight } }`
    expect(await dataInParts(query)).toEqual({ book: { freight: 30, length: 474 } })
  })

  it('is fetched by the values its conditions have in each request, where one stands within another', async () => {
    const query = `query ($a: Boolean!, $b: Boolean!) {
      book { title ... @include(if: $a) { pages freight @include(if: $b) } }
    }`
    expect(await dataOf(query, { a: true, b: true })).toEqual({ book: { title: 'Emma', pages: 474, freight: 30 } })
    expect(await dataOf(query, { a: true, b: false })).toEqual({ book: { title: 'Emma', pages: 474 } })
    expect(calls()).toEqual({ catalogue: 2, shipping: 2 })
    expect(await dataOf(query, { a: false, b: true })).toEqual({ book: { title: 'Emma' } })
    expect(calls()).toEqual({ catalogue: 3, shipping: 2 })
  })

  it('tells that there is an object of which conditions leave nothing', async () => {
    const query = `query ($a: Boolean!, $b: Boolean!) {
      book { ...Rest @include(if: $a) } same: book { title @skip(if: true) }
    } fragment Rest on Book { freight @include(if: $b) }`
    expect(await dataOf(query, { a: true, b: false })).toEqual({ book: {}, same: {} })
    expect(await dataOf(query, { a: true, b: true })).toEqual({ book: { freight: 30 }, same: {} })
  })
})
