/** A graph told twice: as one schema, and as the subgraphs behind a supergraph, with the data of either. */
import { buildSubgraphSchema } from '@apollo/subgraph'
import { composeServices } from '@apollo/composition'
import { Supergraph } from '@apollo/federation-internals'
import { parse, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql'
import { createModel } from './create-model.js'
import { drawer, generator } from './random-numbers.js'
import { writeSubgraph } from './random-sdl.js'
import { createResolver, typeOfId, type RandomContext } from './random-values.js'

export interface TwofoldGraph {
  readonly name: string
  readonly monolith: GraphQLSchema
  readonly supergraph: string
  readonly subgraphs: ReadonlyMap<string, GraphQLSchema>
  /** Undefined where the schemas have resolvers of their own. */
  readonly fieldResolver?: GraphQLFieldResolver<unknown, RandomContext>
  /** One for the whole of an operation by one schema, one for all its subgraphs together. */
  contextFor(seed: number, isWhole: boolean): unknown
}

/** Throws for what does not compose: that is a fault of the model. */
export function createRandomGraph(seed: number): TwofoldGraph {
  const model = createModel(drawer(generator(seed)))
  const documents = model.subgraphs.map((name) => ({ name, text: writeSubgraph(model, name) }))
  const services = documents.map(({ name, text }) => ({
    name,
    url: `http://${name}.test/graphql`,
    typeDefs: parse(text),
  }))
  const composed = composeServices(services)
  if (composed.supergraphSdl === undefined) {
    throw new Error(
      `graph ${seed} does not compose: ${(composed.errors ?? []).join('\n')}\n${documents.map(({ text }) => text).join('\n\n')}`,
    )
  }
  const { keyed } = model
  const typed = keyed && {
    [keyed.name]: { __resolveReference: (sent: { id: string }) => ({ ...sent, __typename: typeOfId(sent.id) }) },
  }
  const subgraphs = new Map(
    services.map(({ name, typeDefs }) => {
      const resolvers = keyed?.home === name && typed ? typed : undefined
      return [name, buildSubgraphSchema({ typeDefs, ...(resolvers && { resolvers }) })]
    }),
  )
  const resolve = createResolver(model)
  return {
    name: `graph ${seed}`,
    monolith: Supergraph.build(composed.supergraphSdl).apiSchema().toGraphQLJSSchema(),
    supergraph: composed.supergraphSdl,
    subgraphs,
    // `_entities` and `_service` have resolvers of their own
    fieldResolver: resolve,
    contextFor: (world, isWhole): RandomContext => ({ seed: world, count: 0, isWhole }),
  }
}
