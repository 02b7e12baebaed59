/**
 * The graph under load: four small subgraphs, their data, and three queries of growing depth. The SDL is written so that
 * every peer understands it (Federation 1, which version 2 takes in).
 */
import { composeServices } from '@apollo/composition'
import { parse } from 'graphql'

export const subgraphNames = ['accounts', 'products', 'reviews', 'inventory'] as const
export type SubgraphName = (typeof subgraphNames)[number]

export const typeDefs: Readonly<Record<SubgraphName, string>> = {
  accounts: `
    extend type Query { me: User users: [User] }
    type User @key(fields: "id") { id: ID! name: String username: String birthday: Int }`,
  products: `
    extend type Query { topProducts(first: Int = 5): [Product] }
    type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }`,
  reviews: `
    type Review @key(fields: "id") { id: ID! body: String author: User @provides(fields: "username") product: Product }
    extend type User @key(fields: "id") { id: ID! @external username: String @external reviews: [Review] }
    extend type Product @key(fields: "upc") { upc: String! @external reviews: [Review] }`,
  inventory: `
    extend type Product @key(fields: "upc") {
      upc: String! @external weight: Int @external price: Int @external
      inStock: Boolean shippingEstimate: Int @requires(fields: "price weight")
    }`,
}

const user = (id: number, name: string, username: string) => ({ id: `${id}`, name, username, birthday: 1980 + id })
export const users = [
  user(1, 'Uma Goldsmith', 'umagold'),
  user(2, 'Dotan Sincher', 'dotans'),
  user(3, 'Kamila Kisel', 'kamilak'),
  user(4, 'Arda Tanyeri', 'ardat'),
  user(5, 'Gil Gardner', 'gilg'),
  user(6, 'Laura Quist', 'lauraq'),
]

const product = (upc: number, name: string, price: number, weight: number) => ({ upc: `${upc}`, name, price, weight })
export const products = [
  product(1, 'Table', 899, 100),
  product(2, 'Couch', 1299, 1000),
  product(3, 'Glass', 15, 20),
  product(4, 'Chair', 499, 100),
  product(5, 'Television', 1299, 1000),
  product(6, 'Lamp', 6999, 300),
  product(7, 'Grill', 3999, 2000),
  product(8, 'Fridge', 100_000, 6000),
  product(9, 'Sofa', 9999, 800),
]

const review = (id: number, author: number, upc: number, body: string) => ({
  id: `${id}`,
  authorId: `${author}`,
  upc: `${upc}`,
  body,
})
export const reviews = [
  review(1, 1, 1, 'Love it!'),
  review(2, 1, 2, 'Too expensive.'),
  review(3, 2, 3, 'Could be better.'),
  review(4, 2, 1, 'Prefer something else.'),
  review(5, 2, 4, 'Wow, very comfortable.'),
  review(6, 3, 5, 'Bright and clear.'),
  review(7, 4, 2, 'Fits the room.'),
  review(8, 5, 1, 'Solid, and easy to clean.'),
  review(9, 6, 6, 'Warm light.'),
  review(10, 1, 7, 'Nice.'),
  review(11, 1, 8, 'Cold enough.'),
]

/** Composes the supergraph, each subgraph at its address. Throws when it does not compose. */
export function composeGraph(urls: Readonly<Record<SubgraphName, string>>): string {
  const services = subgraphNames.map((name) => ({ name, url: urls[name], typeDefs: parse(typeDefs[name]) }))
  const { supergraphSdl, errors } = composeServices(services)
  if (supergraphSdl === undefined) throw new Error(errors?.map(({ message }) => message).join('\n'))
  return supergraphSdl
}

export const queryNames = ['small', 'middle', 'deep'] as const
export type QueryName = (typeof queryNames)[number]

const deep = `
fragment User on User { id username name }
fragment Review on Review { id body }
fragment Product on Product { inStock name price shippingEstimate upc weight }
query Deep {
  users { ...User reviews { ...Review product { ...Product reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } } } } }
  topProducts { ...Product reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } } }
}`

/** small: one fetch. middle: four fetches in three steps. deep: sixteen fetches, lists in lists. */
export const queries: Readonly<Record<QueryName, string>> = {
  small: '{ me { id name username } }',
  middle: '{ me { id username name reviews { id body product { upc name price weight inStock } } } }',
  deep,
}
