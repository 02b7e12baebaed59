/**
 * From an operation to something that can be run. In: an operation of the API schema. Out: its plan, compiled together
 * with the shaper of its answers, the same object for every document that says the same. It refuses operations the planner
 * can't plan.
 */
import { operationFromDocument, type Supergraph } from '@apollo/federation-internals'
import { QueryPlanner, type FetchNode, type QueryPlan } from '@apollo/query-planner'
import { GraphQLError, Kind, print, type DocumentNode, type GraphQLSchema } from 'graphql'
import { LRUCache } from 'lru-cache'
import { compilePlan } from '../execute/compile-plan.js'
import { compileShaper, type Shaper } from '../execute/compile-shaper.js'
import type { Step } from '../execute/execution.js'
import { OperationRefused } from '../gateway-error.js'
import type { Operation } from '../operation/operation.js'
import type { TypeConditions } from '../supergraph/type-conditions.js'

export interface ExecutablePlan {
  /** As the planner made it, for whoever wants to read it. */
  readonly queryPlan: QueryPlan
  /** For a subscription, the fetch whose events begin each answer. */
  readonly primary: FetchNode | null
  /** Everything to fetch, for a subscription everything after the event; null when there is nothing. */
  readonly step: Step | null
  readonly shape: Shaper
}

export interface PlanStore {
  /** Throws OperationRefused, or AppError for a plan this gateway can't run. */
  planFor(operation: Operation): ExecutablePlan
}

const MAXIMUM_PLANS = 1_000 // a plan takes 10 to 100 kB

export function createPlanStore(
  supergraph: Supergraph,
  apiSchema: GraphQLSchema,
  conditions: TypeConditions,
): PlanStore {
  const planner = new QueryPlanner(supergraph)
  const internalSchema = supergraph.apiSchema()
  const byText = new LRUCache<string, ExecutablePlan>({ max: MAXIMUM_PLANS })
  const byOperation = new WeakMap<Operation, ExecutablePlan>()

  const plan = (operation: Operation, document: DocumentNode): ExecutablePlan => {
    const queryPlan = refusing(() => planner.buildQueryPlan(operationFromDocument(internalSchema, document)))
    const { node } = queryPlan
    const runnable = node?.kind === 'Subscription' ? node.rest : node
    return {
      queryPlan,
      primary: node?.kind === 'Subscription' ? node.primary : null,
      step: runnable === undefined ? null : compilePlan(runnable, conditions),
      shape: compileShaper(apiSchema, operation),
    }
  }
  return {
    planFor(operation) {
      const known = byOperation.get(operation)
      if (known !== undefined) return known
      const document = documentOf(operation)
      const text = print(document)
      const executable = byText.get(text) ?? plan(operation, document)
      byText.set(text, executable)
      byOperation.set(operation, executable)
      return executable
    },
  }
}

/** The operation alone: the document may hold others, which must not share its plan nor keep it from being shared. */
function documentOf({ definition, fragments }: Operation): DocumentNode {
  return { kind: Kind.DOCUMENT, definitions: [definition, ...fragments.values()] }
}

function refusing<T>(plan: () => T): T {
  try {
    return plan()
  } catch (error) {
    // the planner's own validation of what graphql-js has let through, e.g. a limit on expanded fragments
    if (error instanceof GraphQLError) {
      throw new OperationRefused([
        new GraphQLError(error.message, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }),
      ])
    }
    throw error
  }
}
