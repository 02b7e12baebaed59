import { buildSubgraphSchema } from '@apollo/subgraph'
import { execute, parse, type GraphQLSchema } from 'graphql'
import { products, reviews, subgraphNames, typeDefs, users, type SubgraphName } from './graph.js'

interface Reference {
  readonly id: string
  readonly upc: string
  readonly price: number
  readonly weight: number
}

const reviewResolvers = {
  Review: {
    __resolveReference: ({ id }: Reference) => reviews.find((review) => review.id === id),
    author: ({ authorId }: { authorId: string }) => users.find(({ id }) => id === authorId),
    product: ({ upc }: Reference) => ({ upc }),
  },
  User: { reviews: ({ id }: Reference) => reviews.filter(({ authorId }) => authorId === id) },
  Product: { reviews: ({ upc }: Reference) => reviews.filter((review) => review.upc === upc) },
}

const resolvers = {
  accounts: {
    Query: { me: () => users[0], users: () => users },
    User: { __resolveReference: ({ id }: Reference) => users.find((user) => user.id === id) },
  },
  products: {
    Query: { topProducts: (_: unknown, { first }: { first: number }) => products.slice(0, first) },
    Product: { __resolveReference: ({ upc }: Reference) => products.find((product) => product.upc === upc) },
  },
  reviews: reviewResolvers,
  inventory: {
    Product: {
      inStock: ({ upc }: Reference) => Number(upc) % 4 !== 0,
      shippingEstimate: ({ price, weight }: Reference) => (price > 1000 ? 0 : Math.round(weight / 2)),
    },
  },
}

const schemas = new Map<SubgraphName, GraphQLSchema>(
  subgraphNames.map((name) => [
    name,
    buildSubgraphSchema([{ typeDefs: parse(typeDefs[name]), resolvers: resolvers[name] }]),
  ]),
)

/** What a subgraph answers to the JSON of a request: real GraphQL, whatever the peer's planner has made up. */
export async function answerSubgraph(name: SubgraphName, body: string): Promise<string> {
  const schema = schemas.get(name)
  if (schema === undefined) throw new Error(`no subgraph ${name}`)
  const { query, variables, operationName } = JSON.parse(body)
  return JSON.stringify(
    await execute({ schema, document: parse(query), variableValues: variables, operationName: operationName ?? null }),
  )
}
