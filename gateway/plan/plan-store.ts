/**
 * From an operation to something that can be run. In: an operation of the API schema. Out: its plan, compiled together
 * with the shaper of its answers, the same object for every document that says the same. It refuses operations the planner
 * can't plan.
 */
import { operationFromDocument, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals'
import { QueryPlanner, type FetchNode, type QueryPlan } from '@apollo/query-planner'
import { GraphQLError, Kind, OperationTypeNode, print, type DocumentNode, type GraphQLSchema } from 'graphql'
import { LRUCache } from 'lru-cache'
import { compilePlan } from '../execute/compile-plan.js'
import { compileShaper, type Shaper } from '../execute/compile-shaper.js'
import { conditionVariables } from '../execute/condition-variables.js'
import { dataKey } from '../execute/data-keys.js'
import type { Step } from '../execute/execution.js'
import { AppError } from '../../platform/errors/app-error.js'
import { OperationRefused } from '../gateway-error.js'
import { readDeferredOperation, withoutDefer } from './deferred-operation.js'
import type { Operation } from '../operation/operation.js'
import type { TypeConditions } from '../execute/type-conditions.js'
import { correctPlan } from './correct-plan.js'
import { mutationInOrder, orderingVariables } from './mutation-in-order.js'
import { plannedDocument } from './planned-document.js'
import { createRefuseEndless } from './endless-plans.js'
import { createPlannerSupergraph } from './planner-supergraph.js'
import { refuseUnplanned } from './refuse-unplanned.js'
import { hasTypeDependentCalls } from './type-dependent-calls.js'
import { withoutIntrospection } from './without-introspection.js'

export interface ExecutablePlan {
  /** As the planner made it, for whoever wants to read it. */
  readonly queryPlan: QueryPlan
  /** For a subscription, the fetch whose events begin each answer. */
  readonly primary: FetchNode | null
  /** Everything to fetch, for a subscription everything after the event; null when there is nothing. */
  readonly step: Step | null
  readonly shape: Shaper
  /** The client's labels of its deferred parts by their ids; null for a plan whose answer comes in one piece. */
  readonly deferred: ReadonlyMap<string, string | undefined> | null
}

/** What else than the operation decides over its plan. */
export interface PlanChoices {
  /** Coerced: they decide which root fields a mutation has. Without them the planner does, and their order may be another. */
  readonly variables?: Readonly<Record<string, unknown>>
  /** Coerced variables, for a client that takes its answer in parts: they switch `@defer`. Without them nothing is deferred. */
  readonly deferBy?: Readonly<Record<string, unknown>>
  /** The labels of `@override` that are on for this request, sorted; the others are off. */
  readonly overrides?: readonly string[]
}

export interface PlanStore {
  /** Throws OperationRefused. */
  planFor(operation: Operation, choices?: PlanChoices): ExecutablePlan
}

const MAXIMUM_PLANS = 1_000 // a plan takes 10 to 100 kB
const MAXIMUM_VARIANTS = 64 // of one operation, by what is deferred and which labels are on; clients use a handful

export interface PlanStoreOptions {
  readonly supergraph: Supergraph
  readonly supergraphDocument: DocumentNode
  readonly apiSchema: GraphQLSchema
  readonly conditions: TypeConditions
  /** Whether the text of an operation may be written down: plans are kept by their texts, which they hold. */
  readonly mayBeWritten?: (operation: Operation) => boolean
}

export function createPlanStore(options: PlanStoreOptions): PlanStore {
  const { apiSchema, conditions, mayBeWritten = () => true } = options
  const corrected = createPlannerSupergraph(options.supergraphDocument)
  const supergraph = corrected.sdl === null ? options.supergraph : buildSupergraph(corrected.sdl)
  const incrementalDelivery = { enableDefer: true }
  const planner = new QueryPlanner(supergraph, { incrementalDelivery })
  let conditioned: QueryPlanner | null = null // as large as the other, and most supergraphs never need it
  const plannerFor = (document: DocumentNode): QueryPlanner =>
    hasTypeDependentCalls(document)
      ? (conditioned ??= new QueryPlanner(supergraph, { incrementalDelivery, typeConditionedFetching: true }))
      : planner
  const internalSchema = supergraph.apiSchema()
  const refuseEndless = createRefuseEndless(options.supergraphDocument, apiSchema)
  const keyOf = (name: string, fieldName: string): string => dataKey(name, fieldName, corrected.held)
  const byText = new LRUCache<string, ExecutablePlan>({ max: MAXIMUM_PLANS })
  const byOperation = new WeakMap<Operation, Map<string, ExecutablePlan>>()

  const plan = (task: PlanTask): ExecutablePlan => {
    const overrideConditions = new Map(task.overrides.map((label) => [label, true]))
    const document = withoutIntrospection(task.document)
    refuseEndless?.(document)
    const planned = operationFromDocument(internalSchema, plannedDocument(document, corrected.held))
    const uncorrected = refusing(() => plannerFor(document).buildQueryPlan(planned, { overrideConditions }))
    const queryPlan = correctPlan(uncorrected, corrected)
    const { node } = queryPlan
    const runnable = node?.kind === 'Subscription' ? node.rest : node
    return {
      queryPlan,
      primary: node?.kind === 'Subscription' ? node.primary : null,
      step: refuseUnplanned(
        apiSchema,
        document,
        node,
        runnable === undefined ? null : compilePlan(runnable, conditions),
      ),
      shape: compileShaper(apiSchema, task.operation, { deferring: task.deferred !== null, keyOf }),
      deferred: task.deferred,
    }
  }
  const sharedPlan = (task: PlanTask): ExecutablePlan => {
    const labels = task.deferred === null ? [] : [...task.deferred.values()]
    const text = [JSON.stringify([task.overrides, labels]), print(task.document), task.orderedFrom ?? ''].join('\n')
    const executable = byText.get(text) ?? plan(task)
    byText.set(text, executable)
    return executable
  }
  return {
    planFor(operation, choices = {}) {
      const plans = byOperation.get(operation) ?? new Map<string, ExecutablePlan>()
      byOperation.set(operation, plans)
      const variant = variantOf(operation, choices)
      const known = plans.get(variant)
      if (known !== undefined) return known
      const task = taskFor(operation, choices)
      const executable = operation.withheld === null && mayBeWritten(operation) ? sharedPlan(task) : plan(task)
      if (plans.size < MAXIMUM_VARIANTS) plans.set(variant, executable)
      return executable
    },
  }
}

/** What is planned and compiled for one operation under certain choices. */
interface PlanTask {
  readonly operation: Operation
  readonly document: DocumentNode
  readonly overrides: readonly string[]
  readonly deferred: ExecutablePlan['deferred']
  /** The text the document was, where its root fields have been put in order: the answer's shape is still that text's. */
  readonly orderedFrom?: string
}

function taskFor(operation: Operation, choices: PlanChoices): PlanTask {
  const task = deferringTask(operation, choices)
  const names = orderingVariables(operation)
  if (names === null || (names.length > 0 && choices.variables === undefined)) return task
  const document = mutationInOrder(task.document, choices.variables ?? {})
  return { ...task, document, orderedFrom: print(task.document) }
}

function deferringTask(operation: Operation, { deferBy, overrides = [] }: PlanChoices): PlanTask {
  if (!operation.defers) return { operation, document: documentOf(operation), overrides, deferred: null }
  if (deferBy !== undefined && operation.definition.operation !== OperationTypeNode.SUBSCRIPTION) {
    const deferred = readDeferredOperation(operation, deferBy)
    if (deferred.labels.size > 0) {
      const document = documentOf(deferred.operation)
      return { operation: deferred.operation, document, overrides, deferred: deferred.labels }
    }
  }
  return { operation, document: withoutDefer(documentOf(operation)), overrides, deferred: null }
}

/** Empty for most requests: then nothing but the operation counts. */
function variantOf(operation: Operation, { deferBy, overrides, variables }: PlanChoices): string {
  const labels = overrides === undefined || overrides.length === 0 ? '' : overrides.join()
  const ordered = (orderingVariables(operation) ?? []).map((name) => (variables?.[name] === true ? '1' : '0')).join('')
  if (deferBy === undefined || !operation.defers) return ordered === '' ? labels : `${labels} @include ${ordered}`
  const switches = conditionVariables(operation, ['defer']).map((name) => (deferBy[name] === false ? '0' : '1'))
  return `${labels} @defer ${switches.join('')} @include ${ordered}`
}

/** The operation alone, as far as its caller may run it: the document may hold others, which must not share its plan nor keep it from being shared. */
function documentOf(operation: Operation): DocumentNode {
  const { definition, fragments } = operation.withheld?.remainder ?? operation
  return { kind: Kind.DOCUMENT, definitions: [definition, ...fragments.values()] }
}

/** Not validated again: what it was made from has been, and `@external` fields that nothing requires any more do no harm. */
function buildSupergraph(sdl: string): Supergraph {
  return Supergraph.build(sdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, validateSupergraph: false })
}

const NO_WAY = 'Was not able to find any options' // the planner's words: it has no class for it

function refusing<T>(plan: () => T): T {
  try {
    return plan()
  } catch (error) {
    if (error instanceof Error && error.message.startsWith(NO_WAY))
      throw new AppError('PLAN_NOT_FOUND', { cause: error })
    // the planner's own validation of what graphql-js has let through, e.g. a limit on expanded fragments
    if (error instanceof GraphQLError) {
      throw new OperationRefused([
        new GraphQLError(error.message, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }),
      ])
    }
    throw error
  }
}
