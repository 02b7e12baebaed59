import { GraphQLError } from 'graphql'
import type { TestSubgraphDefinition } from '../../support/test-subgraphs.js'

/*
 * A shop in four subgraphs, with one of everything a plan can hold: entities, interfaces, unions, lists in lists, @requires,
 * @provides, an interface object, inaccessible values, mutations in order.
 */

const users = [
  { id: 'u1', name: 'Ada', email: 'ada@example.com' },
  { id: 'u2', name: 'Grace', email: null },
]

const products = [
  { __typename: 'Book', upc: 'b1', title: 'SICP', price: 40, weight: 900, pages: 657, condition: 'NEW' },
  { __typename: 'Book', upc: 'b2', title: 'TAPL', price: 60, weight: 1200, pages: 648, condition: 'DAMAGED' },
  { __typename: 'Film', upc: 'f1', title: 'Tron', price: 10, weight: 100, minutes: 96, condition: 'NEW' },
]

const reviews = [
  { id: 'r1', body: 'Deep', author: 'u1', product: 'b1' },
  { id: 'r2', body: 'Dense', author: 'u2', product: 'b1' },
  { id: 'r3', body: 'Bright', author: 'u1', product: 'f1' },
  { id: 'r4', body: 'Formal', author: 'u1', product: 'b2' },
]

const accounts: TestSubgraphDefinition = {
  typeDefs: /* GraphQL */ `
    type Query {
      me: User
      users: [User!]!
      user(id: ID!): User
      secret: String!
      failing: String
      hiddenFault: String
    }
    type Mutation {
      "Appends to a journal, so that order shows."
      write(text: String!): Journal!
    }
    type Journal {
      entries: [String!]!
      user: User
    }
    type User @key(fields: "id") {
      id: ID!
      name: String! @shareable
      email: String
      nickname: String!
    }
  `,
  resolvers: {
    Query: {
      me: () => users[0],
      users: () => users,
      user: (_parent: unknown, { id }: { id: string }) => users.find((user) => user.id === id),
      secret: () => null,
      failing: () => {
        throw new GraphQLError('There is no such thing.', {
          extensions: { code: 'RES_NOT_FOUND', stacktrace: ['/srv/app'] },
        })
      },
      hiddenFault: () => {
        throw new Error('connect ECONNREFUSED 10.0.0.7:5432')
      },
    },
    Mutation: {
      write: (_parent: unknown, { text }: { text: string }) => {
        journal.push(text)
        return { entries: [...journal], user: users[0] }
      },
    },
    User: {
      __resolveReference: ({ id }: { id: string }) => users.find((user) => user.id === id) ?? null,
      nickname: ({ id, name }: { id: string; name: string }) => {
        if (id === 'u2') throw new GraphQLError('Nicknames are private.', { extensions: { code: 'AUTHZ_FORBIDDEN' } })
        return name.toLowerCase()
      },
    },
  },
}

const journal: string[] = []

const catalogue: TestSubgraphDefinition = {
  typeDefs: /* GraphQL */ `
    type Query {
      products: [Product!]!
      product(upc: ID!): Product
      "Rows of shelves."
      shelves: [[Product!]!]!
      search(text: String!): [SearchResult!]!
      stocked(where: StockFilter! = { minimumPrice: 0 }): [Product!]!
    }
    type Mutation {
      archive(text: String!): String!
    }
    input StockFilter {
      minimumPrice: Int! = 0
      names: [String!]
    }
    interface Product @key(fields: "upc") {
      upc: ID!
      title: String!
      price: Int
      weight: Int
      condition: Condition
    }
    type Book implements Product @key(fields: "upc") {
      upc: ID!
      title: String!
      price: Int
      weight: Int
      condition: Condition
      pages: Int!
    }
    type Film implements Product @key(fields: "upc") {
      upc: ID!
      title: String!
      price: Int
      weight: Int
      condition: Condition
      minutes: Int!
    }
    enum Condition {
      NEW
      DAMAGED @inaccessible
    }
    type Shelf {
      label: String!
      product: Product
    }
    union SearchResult = Book | Film | Shelf
  `,
  resolvers: {
    Query: {
      products: () => products,
      product: (_parent: unknown, { upc }: { upc: string }) => products.find((product) => product.upc === upc),
      shelves: () => [[products[0], products[2]], [], [products[1], products[0]]],
      search: () => [{ __typename: 'Shelf', label: 'Classics', product: products[1] }, products[0], products[2]],
      stocked: (_parent: unknown, { where }: { where: { minimumPrice: number } }) =>
        products.filter((product) => product.price >= where.minimumPrice),
    },
    Mutation: {
      archive: (_parent: unknown, { text }: { text: string }) => {
        journal.push(`archived ${text}`)
        return text
      },
    },
    Product: {
      __resolveReference: ({ upc }: { upc: string }) => products.find((product) => product.upc === upc) ?? null,
    },
    Book: { __resolveReference: ({ upc }: { upc: string }) => products.find((product) => product.upc === upc) ?? null },
    Film: { __resolveReference: ({ upc }: { upc: string }) => products.find((product) => product.upc === upc) ?? null },
  },
}

const opinions: TestSubgraphDefinition = {
  typeDefs: /* GraphQL */ `
    type Query {
      latestReview: Review @provides(fields: "author { name }")
    }
    type Review @key(fields: "id") {
      id: ID!
      body: String!
      author: User!
      product: Product!
    }
    type User @key(fields: "id") {
      id: ID!
      name: String! @external
      reviews: [Review!]!
    }
    type Product @key(fields: "upc") @interfaceObject {
      upc: ID!
      reviews: [Review!]!
    }
  `,
  resolvers: {
    Query: { latestReview: () => reviews[0] },
    Review: {
      __resolveReference: ({ id }: { id: string }) => reviews.find((review) => review.id === id) ?? null,
      author: ({ author }: { author: string }) => ({ id: author, name: 'as reviews know it' }),
      product: ({ product }: { product: string }) => ({ upc: product }),
    },
    User: { reviews: ({ id }: { id: string }) => reviews.filter(({ author }) => author === id) },
    Product: { reviews: ({ upc }: { upc: string }) => reviews.filter(({ product }) => product === upc) },
  },
}

const shipping: TestSubgraphDefinition = {
  typeDefs: /* GraphQL */ `
    type Book @key(fields: "upc") {
      upc: ID!
      price: Int @external
      weight: Int @external
      shippingCost: Int @requires(fields: "price weight")
      inStock: Boolean!
    }
    type Film @key(fields: "upc") {
      upc: ID!
      inStock: Boolean!
    }
  `,
  resolvers: {
    Book: {
      shippingCost: ({ price, weight }: { price: number; weight: number }) => (price > 50 ? 0 : weight / 100),
      inStock: () => true,
    },
    Film: { inStock: () => false },
  },
}

export const shopGraph = { accounts, catalogue, opinions, shipping }
