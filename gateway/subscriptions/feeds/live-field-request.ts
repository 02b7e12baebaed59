import type { GraphQLSchema } from 'graphql'
import type { EventStreamRules } from '../../event-streams/event-stream-rule.js'
import type { GatewayRequest } from '../../gateway-request.js'
import type { SubgraphEndpoint } from '../../subgraph-client/subgraph-endpoint.js'

/** What live fields must know of a supergraph. */
export interface LiveGeneration {
  readonly subgraphs: ReadonlyMap<string, SubgraphEndpoint>
  readonly eventStreams: EventStreamRules
  subgraphSchema(name: string): GraphQLSchema
}

/** The primary fetch of a subscription plan. */
export interface PrimaryFetch {
  readonly serviceName: string
  readonly operation: string
}

/** Whose subscription it is, with its variables as they were coerced. */
export type LiveFieldRequest = Pick<GatewayRequest, 'variables' | 'caller' | 'ids' | 'headers'>
