/**
 * A supergraph as loaded from one SDL text. In: SDL. Out: everything that depends on it, owned together: the schema
 * clients see, the subgraphs, the caches of documents and plans. A request holds on to the generation it began with, so
 * that a reload never changes the ground under it. It refuses SDL that is not a composed supergraph.
 */
import { printSchema, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals'
import { buildASTSchema, parse, type DocumentNode, type GraphQLSchema } from 'graphql'
import type { Logger } from '../../platform/log/logger.js'
import { readAccessRules } from '../authorization/access-rules.js'
import { createAccessControl, type AccessControl } from '../authorization/authorize-operation.js'
import { readCostRules } from '../demand/cost-rules.js'
import { createDemandControl, type DemandControl, type DemandSettings } from '../demand/demand-control.js'
import type { VariableLimits } from '../operation/coerce-variables.js'
import { withClientDirectives } from './client-directives.js'
import { createDocumentStore, type DocumentLimits, type DocumentStore } from '../operation/document-store.js'
import { checkEventStreams } from '../event-streams/check-event-streams.js'
import { readEventStreamRules, type EventStreamRules } from '../event-streams/event-stream-rule.js'
import type { Operation } from '../operation/operation.js'
import { EVERYTHING, type WrittenDown } from '../operation/written-down.js'
import { readOverrideLabels } from '../plan/override-labels.js'
import type { SubgraphEndpoint } from '../subgraph-client/subgraph-endpoint.js'
import { createPlanStore, type PlanStore } from '../plan/plan-store.js'
import { createTypeConditions } from '../execute/type-conditions.js'

export interface Generation {
  /** 1 for the first supergraph of this process, then counting up. */
  readonly number: number
  readonly sdl: string
  /** The supergraph's own definitions, with every composed directive. */
  readonly supergraphDocument: DocumentNode
  /** What clients see and operations are validated against. */
  readonly apiSchema: GraphQLSchema
  readonly subgraphs: ReadonlyMap<string, SubgraphEndpoint>
  /** The schema of one subgraph, built when first asked for. Throws for a name that is not in the supergraph. */
  subgraphSchema(name: string): GraphQLSchema
  /** Which fields of Subscription are fed with events, and how. */
  readonly eventStreams: EventStreamRules
  /** Of its progressive overrides, sorted. */
  readonly overrideLabels: readonly string[]
  readonly documents: DocumentStore
  readonly variableLimits: VariableLimits
  readonly plans: PlanStore
  /** Null for a supergraph without access directives: nothing is asked of anybody then. */
  readonly access: AccessControl | null
  /** What may be written down of an operation, by its `@sensitive` fields and arguments. */
  readonly writtenDown: (operation: Operation) => WrittenDown
  /** Null where costs are not computed. */
  readonly demand: DemandControl | null
}

export interface GenerationOptions {
  /** Subgraph name to the address to use in place of the supergraph's. */
  readonly urlOverrides: ReadonlyMap<string, URL>
  readonly limits: DocumentLimits
  /** Costs are computed where there is one and its mode is not `off`. */
  readonly demand?: DemandSettings
  /** How long one operation may be planned for; five seconds unless given. */
  readonly planningTimeoutMs?: number
  readonly logger?: Logger
}

/** Builds a generation. Throws when the SDL is not a supergraph, or its event streams could not work, or an override names a subgraph it does not have. */
export function createGeneration(number: number, sdl: string, options: GenerationOptions): Generation {
  const supergraphDocument = withClientDirectives(parse(sdl, { noLocation: true }))
  const supergraph = Supergraph.build(supergraphDocument, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES })
  const apiSchema = supergraph.apiSchema().toGraphQLJSSchema({ includeDefer: true })
  const rules = readAccessRules(supergraph.schema)
  const access = rules === null ? null : createAccessControl(rules, apiSchema)
  const writtenDown = access === null ? () => EVERYTHING : access.writtenDown
  const mayBeWritten = (operation: Operation): boolean => writtenDown(operation).text
  const conditions = createTypeConditions(supergraph.schema)
  const subgraphSchema = createSubgraphSchemas(supergraph)
  const eventStreams = readEventStreamRules(supergraphDocument)
  checkEventStreams(eventStreams, { apiSchema, subgraphSchema })
  return {
    number,
    sdl,
    supergraphDocument,
    apiSchema,
    subgraphs: endpointsOf(supergraph, options.urlOverrides),
    subgraphSchema,
    eventStreams,
    overrideLabels: readOverrideLabels(supergraph),
    documents: createDocumentStore(apiSchema, options.limits, mayBeWritten),
    variableLimits: options.limits,
    plans: createPlanStore({
      supergraph,
      supergraphDocument,
      apiSchema,
      conditions,
      mayBeWritten,
      planningTimeoutMs: options.planningTimeoutMs,
    }),
    access,
    writtenDown,
    demand: demandControlOf(supergraph, apiSchema, options),
  }
}

function demandControlOf(
  { schema }: Supergraph,
  apiSchema: GraphQLSchema,
  { demand, logger }: GenerationOptions,
): DemandControl | null {
  if (demand === undefined || demand.mode === 'off') return null
  return createDemandControl({ schema: apiSchema, rules: readCostRules(schema) }, demand, logger ?? null)
}

function endpointsOf(supergraph: Supergraph, overrides: ReadonlyMap<string, URL>): Map<string, SubgraphEndpoint> {
  const endpoints = new Map<string, SubgraphEndpoint>()
  for (const { name, url } of supergraph.subgraphsMetadata()) {
    endpoints.set(name, { name, url: overrides.get(name) ?? parseUrl(name, url) })
  }
  const unknown = [...overrides.keys()].find((name) => !endpoints.has(name))
  if (unknown === undefined) return endpoints
  throw new Error(`A URL is configured for the subgraph ${unknown}, which the supergraph does not have.`)
}

function parseUrl(name: string, url: string): URL {
  if (URL.canParse(url)) return new URL(url)
  throw new Error(`The supergraph gives no usable URL for the subgraph ${name}: configure one.`)
}

function createSubgraphSchemas(supergraph: Supergraph): (name: string) => GraphQLSchema {
  const built = new Map<string, GraphQLSchema>()
  return (name) => {
    const known = built.get(name)
    if (known !== undefined) return known
    const subgraph = supergraph.subgraphs().get(name)
    if (subgraph === undefined) throw new Error(`The supergraph has no subgraph named ${name}.`)
    // through SDL, so that every definition keeps its syntax tree and with it the directives applied to it
    const document = parse(printSchema(subgraph.schema), { noLocation: true })
    const schema = buildASTSchema(document, { assumeValid: true, assumeValidSDL: true })
    built.set(name, schema)
    return schema
  }
}
