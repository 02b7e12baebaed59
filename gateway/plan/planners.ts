import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph, type Operation } from '@apollo/federation-internals'
import { QueryPlanner, type QueryPlan } from '@apollo/query-planner'
import { GraphQLError } from 'graphql'
import { AppError } from '../../platform/errors/app-error.js'
import { OperationRefused } from '../gateway-error.js'
import { OutOfTime, withinTime } from './within-time.js'

/** Apollo's planner, such as it is, with its faults told in the gateway's words. */
export interface Planners {
  /**
   * `overrides`: the labels that are on. `byType`: fetches tell apart by which types their entities were reached. Throws PLAN_NOT_FOUND where there is no way,
   * OutOfTime where none is found in time, after which it must not be used again, and OperationRefused.
   */
  plan(operation: Operation, overrides: readonly string[], byType: boolean): QueryPlan
}

/** `limitMs`: how long one operation may take. The planner's graph of fetches can become a circle, round which it would go for ever. */
export function createPlanners(supergraph: Supergraph, limitMs: number): Planners {
  const create = (typeConditionedFetching: boolean): QueryPlanner =>
    new QueryPlanner(supergraph, { incrementalDelivery: { enableDefer: true }, typeConditionedFetching })
  const plain = create(false)
  let conditioned: QueryPlanner | null = null // as large as the other, and most supergraphs never need it
  return {
    plan(operation, overrides, byType) {
      const overrideConditions = new Map(overrides.map((label) => [label, true]))
      const planner = byType ? (conditioned ??= create(true)) : plain
      try {
        return withinTime(limitMs, () => planner.buildQueryPlan(operation, { overrideConditions }))
      } catch (error) {
        throw error instanceof OutOfTime ? error : refusal(error)
      }
    },
  }
}

/** Not validated again: what it was made from has been, and `@external` fields that nothing requires any more do no harm. */
export function buildSupergraph(sdl: string): Supergraph {
  return Supergraph.build(sdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, validateSupergraph: false })
}

// the planner's words: it has no class for them
const NO_WAY = /^(Was not able to find any options|Cannot add selection of field .* potentially an interface object)/s

function refusal(error: unknown): unknown {
  if (error instanceof Error && NO_WAY.test(error.message)) return noWay(error)
  // the planner's own validation of what graphql-js has let through, e.g. a limit on expanded fragments
  return error instanceof GraphQLError ? refusedBy([error.message]) : error
}

/** There is no plan. `cause`: the planner's words. */
export function noWay(cause: unknown): AppError {
  return new AppError('PLAN_NOT_FOUND', { cause })
}

/** The planner refuses the operation in these words. */
export function refusedBy(messages: readonly string[]): OperationRefused {
  const extensions = { code: 'GRAPHQL_VALIDATION_FAILED' }
  return new OperationRefused(messages.map((message) => new GraphQLError(message, { extensions })))
}
