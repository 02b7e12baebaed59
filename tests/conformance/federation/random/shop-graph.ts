/** One world told twice: as one schema, and as four subgraphs that each know a part of it. The data are random. */
import { buildSubgraphSchema } from '@apollo/subgraph'
import { composeServices } from '@apollo/composition'
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/index.js'
import { buildSchema, parse, type GraphQLSchema } from 'graphql'
import type { Row } from '../scenario.js'
import type { TwofoldGraph } from './random-graph.js'
import { generator } from './random-numbers.js'

interface World {
  readonly users: readonly Row[]
  readonly products: readonly Row[]
  readonly reviews: readonly Row[]
}

/** `random` gives numbers from 0 up to 1. */
function createWorld(random: () => number): World {
  const upTo = (count: number): number => Math.floor(random() * count)
  const maybe = <T>(value: T): T | null => (random() < 0.2 ? null : value)
  const users = Array.from({ length: 1 + upTo(4) }, (_, index) => ({
    __typename: 'User',
    id: `u${index}`,
    name: maybe(`User ${index}`),
    email: maybe(`u${index}@example.com`),
    friends: Array.from({ length: upTo(3) }, () => maybe(`u${upTo(5)}`)), // some have gone
  }))
  const products = Array.from({ length: 1 + upTo(5) }, (_, index) => ({
    __typename: random() < 0.5 ? 'Book' : 'Film',
    upc: `p${index}`,
    title: maybe(`Product ${index}`),
    price: maybe(upTo(100)),
    weight: maybe(upTo(1000)),
    length: upTo(500),
    related: Array.from({ length: upTo(3) }, () => `p${upTo(6)}`),
  }))
  const reviews = Array.from({ length: upTo(8) }, (_, index) => ({
    __typename: 'Review',
    id: `r${index}`,
    body: maybe(`Review ${index}`),
    rating: maybe(random() < 0.5 ? 'GOOD' : 'BAD'),
    author: maybe(users[upTo(users.length)]?.id ?? null),
    product: maybe(products[upTo(products.length)]?.upc ?? null),
  }))
  return { users, products, reviews }
}

const rates: Row = { USD: 1, EUR: 2, JPY: 100 }

const priceIn = (price: unknown, currency: unknown): number | null =>
  typeof price === 'number' ? price * Number(rates[String(currency)]) : null
const nameAs = (name: unknown, upper: unknown): string | null =>
  typeof name !== 'string' ? null : upper === true ? name.toUpperCase() : name
const freight = (price: unknown, weight: unknown): number | null =>
  typeof price === 'number' && typeof weight === 'number' ? price + weight : null
const badge = (name: unknown): string => `* ${String(name)} *`
const userOf = ({ users }: World, id: unknown): Row | null => users.find((user) => user['id'] === id) ?? null
const productOf = ({ products }: World, upc: unknown): Row | null => products.find((one) => one['upc'] === upc) ?? null
const firstOf = (rows: readonly unknown[], { first }: Row): readonly unknown[] =>
  typeof first === 'number' ? rows.slice(0, Math.max(first, 0)) : rows

type Resolver = (source: Row, args: Row, context: unknown) => unknown

function worldOf(context: unknown): World {
  if (isWorld(context)) return context
  throw new Error('The resolver was called outside the world.')
}

function isWorld(context: unknown): context is World {
  return typeof context === 'object' && context !== null && 'users' in context && 'reviews' in context
}

const within =
  (resolve: (source: Row, args: Row, world: World) => unknown): Resolver =>
  (source, args, context) =>
    resolve(source, args, worldOf(context))

const query = {
  me: within((_root, _args, { users }) => users[0] ?? null),
  users: within((_root, args, { users }) => firstOf(users, args)),
  user: within((_root, { id }, world) => userOf(world, id)),
  products: within((_root, _args, { products }) => products),
  shelves: within((_root, _args, { products }) => [products.slice(0, 2), [], products.slice(1)]),
  search: within((_root, _args, { users, products }) => [...products.slice(0, 2), ...users.slice(0, 2)]),
  latest: within((_root, _args, { reviews }) => reviews[0] ?? null),
} satisfies Readonly<Record<string, Resolver>>
const price: Resolver = (product, { currency }) => priceIn(product['price'], currency)
const related = within(({ related: upcs }, _args, world) =>
  Array.isArray(upcs) ? upcs.map((upc) => productOf(world, upc)) : null,
)
const name: Resolver = (user, { upper }) => nameAs(user['name'], upper)
const friends = within(({ friends: ids }, _args, world) =>
  Array.isArray(ids) ? ids.map((id) => userOf(world, id)) : null,
)
const reviewsBy = within(({ id }, args, { reviews }) =>
  firstOf(
    reviews.filter((one) => one['author'] === id),
    args,
  ),
)
const reviewsOf = within(({ upc }, args, { reviews }) =>
  firstOf(
    reviews.filter((one) => one['product'] === upc),
    args,
  ),
)

const monolithSdl = /* GraphQL */ `
  type Query {
    me: User
    users(first: Int): [User!]!
    user(id: ID!): User
    products: [Product!]!
    shelves: [[Product!]!]!
    search: [Found!]!
    latest: Review
  }
  enum Currency {
    USD
    EUR
    JPY
  }
  enum Rating {
    GOOD
    BAD
  }
  union Found = Book | Film | User
  interface Product {
    upc: ID!
    title: String
    price(currency: Currency! = USD): Int
    weight: Int
    related: [Product]
    reviews(first: Int = 2): [Review!]!
  }
  type Book implements Product {
    upc: ID!
    title: String
    price(currency: Currency! = USD): Int
    weight: Int
    related: [Product]
    reviews(first: Int = 2): [Review!]!
    length: Int!
    freight: Int
  }
  type Film implements Product {
    upc: ID!
    title: String
    price(currency: Currency! = USD): Int
    weight: Int
    related: [Product]
    reviews(first: Int = 2): [Review!]!
    length: Int
    freight: Int
  }
  type Review {
    id: ID!
    body: String
    rating: Rating
    author: User
    product: Product
  }
  type User {
    id: ID!
    name(upper: Boolean = false): String
    email: String
    friends: [User]
    reviews(first: Int): [Review!]!
    badge: String!
  }
`

/** The world as one schema. */
function createMonolith(): GraphQLSchema {
  const schema = buildSchema(monolithSdl)
  const product: Readonly<Record<string, Resolver>> = {
    price,
    related,
    reviews: reviewsOf,
    freight: (one) => freight(priceIn(one['price'], 'EUR'), one['weight']),
  }
  const resolvers: Readonly<Record<string, Readonly<Record<string, Resolver>>>> = {
    Query: query,
    Book: product,
    Film: product,
    Review: {
      author: within((review, _args, world) => userOf(world, review['author'])),
      product: within((review, _args, world) => productOf(world, review['product'])),
    },
    User: { name, friends, reviews: reviewsBy, badge: (user) => badge(nameAs(user['name'], true)) },
  }
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName)
    if (type === undefined || !('getFields' in type)) continue
    for (const [fieldName, resolve] of Object.entries(fields)) {
      const field = type.getFields()[fieldName]
      if (field !== undefined && 'resolve' in field) field.resolve = resolve
    }
  }
  return schema
}

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@requires", "@external", "@interfaceObject"])`

const product = (name: string, length: string) => `type ${name} implements Product @key(fields: "upc") {
  upc: ID! title: String price(currency: Currency! = USD): Int weight: Int related: [Product] length: ${length} }`

const subgraphs: Readonly<
  Record<string, { readonly typeDefs: string; readonly resolvers: GraphQLResolverMap<unknown> }>
> = {
  accounts: {
    typeDefs: `type Query { me: User users(first: Int): [User!]! user(id: ID!): User }
      type User @key(fields: "id") { id: ID! name(upper: Boolean = false): String email: String friends: [User] }`,
    resolvers: {
      Query: { me: query.me, users: query.users, user: query.user },
      User: { __resolveReference: ({ id }: Row, context: unknown) => userOf(worldOf(context), id), name, friends },
    },
  },
  catalogue: {
    typeDefs: `type Query { products: [Product!]! shelves: [[Product!]!]! search: [Found!]! }
      enum Currency { USD EUR JPY }
      union Found = Book | Film | User
      interface Product @key(fields: "upc") {
        upc: ID! title: String price(currency: Currency! = USD): Int weight: Int related: [Product] }
      ${product('Book', 'Int!')} ${product('Film', 'Int')}
      type User @key(fields: "id", resolvable: false) { id: ID! }`,
    resolvers: {
      Query: { products: query.products, shelves: query.shelves, search: query.search },
      ...Object.fromEntries(
        ['Product', 'Book', 'Film'].map((type) => [
          type,
          {
            __resolveReference: ({ upc }: Row, context: unknown) => productOf(worldOf(context), upc),
            ...(type !== 'Product' && { price, related }),
          },
        ]),
      ),
    },
  },
  opinions: {
    typeDefs: `type Query { latest: Review }
      enum Rating { GOOD BAD }
      type Review @key(fields: "id") { id: ID! body: String rating: Rating author: User product: Product }
      type User @key(fields: "id") { id: ID! reviews(first: Int): [Review!]! }
      type Product @key(fields: "upc") @interfaceObject { upc: ID! reviews(first: Int = 2): [Review!]! }`,
    resolvers: {
      Query: { latest: query.latest },
      Review: {
        __resolveReference: ({ id }: Row, context: unknown) =>
          worldOf(context).reviews.find((review) => review['id'] === id),
        author: ({ author }: Row) => (author === null ? null : { id: author }),
        product: (review: Row) => (review['product'] === null ? null : { upc: review['product'] }),
      },
      User: { reviews: reviewsBy },
      Product: { reviews: reviewsOf },
    },
  },
  shipping: {
    typeDefs: `enum Currency { USD EUR JPY }
      ${['Book', 'Film']
        .map(
          (type) => `type ${type} @key(fields: "upc") { upc: ID! price(currency: Currency! = USD): Int @external
            weight: Int @external freight: Int @requires(fields: "price(currency: EUR) weight") }`,
        )
        .join(' ')}
      type User @key(fields: "id") { id: ID! name(upper: Boolean = false): String @external
        badge: String! @requires(fields: "name(upper: true)") }`,
    resolvers: {
      ...Object.fromEntries(
        ['Book', 'Film'].map((type) => [type, { freight: (one: Row) => freight(one['price'], one['weight']) }]),
      ),
      User: { badge: (user: Row) => badge(user['name']) },
    },
  },
}

/** The world as a supergraph, and the subgraphs behind it. */
function createFederation(): { supergraph: string; schemas: ReadonlyMap<string, GraphQLSchema> } {
  const schemas = new Map<string, GraphQLSchema>()
  const services = Object.entries(subgraphs).map(([name, { typeDefs, resolvers }]) => {
    const document = parse(link + typeDefs)
    schemas.set(name, buildSubgraphSchema({ typeDefs: document, resolvers }))
    return { name, url: `http://${name}.test/graphql`, typeDefs: document }
  })
  const composed = composeServices(services)
  if (composed.supergraphSdl === undefined) throw new Error((composed.errors ?? []).join('\n'))
  return { supergraph: composed.supergraphSdl, schemas }
}

export function createShopGraph(): TwofoldGraph {
  const { supergraph, schemas } = createFederation()
  return {
    name: 'the shop',
    monolith: createMonolith(),
    supergraph,
    subgraphs: schemas,
    contextFor: (seed) => createWorld(generator(seed)),
  }
}
