/**
 * From an operation to something that can be run. In: an operation of the API schema. Out: its plan, compiled together
 * with the shaper of its answers, the same object for every document that says the same. It refuses operations the planner
 * can't plan.
 */
import type { Supergraph } from '@apollo/federation-internals'
import type { FetchNode, QueryPlan } from '@apollo/query-planner'
import { Kind, OperationTypeNode, print, type DocumentNode, type GraphQLSchema } from 'graphql'
import { compilePlan } from '../execute/compile-plan.js'
import { compileShaper, type Shaper } from '../execute/compile-shaper.js'
import { conditionVariables } from '../execute/condition-variables.js'
import { dataKey } from '../execute/data-keys.js'
import type { Step } from '../execute/execution.js'
import { readDeferredOperation, withoutDefer } from './deferred-operation.js'
import type { Operation } from '../operation/operation.js'
import type { TypeConditions } from '../execute/type-conditions.js'
import { correctPlan } from './correct-plan.js'
import { mutationInOrder } from './mutation-in-order.js'
import { plannedBy } from './planned-by.js'
import { createPlannableDocument } from './plannable-document.js'
import { plannedDocument } from './planned-document.js'
import { createPlannerSupergraph } from './planner-supergraph.js'
import { buildSupergraph } from './planners.js'
import { createPlanning } from './planning.js'
import { createIsQuick } from './planning-effort.js'
import { sharedPlans } from './shared-plans.js'
import { refuseUnplanned } from './refuse-unplanned.js'
import { settleConditions } from './settle-conditions.js'
import { hasTypeDependentCalls } from './type-dependent-calls.js'

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
  /** Coerced: they settle conditions and the root fields of a mutation. Without them the planner does, as well as it can. */
  readonly variables?: Readonly<Record<string, unknown>>
  /** Coerced variables, for a client that takes its answer in parts: they switch `@defer`. Without them nothing is deferred. */
  readonly deferBy?: Readonly<Record<string, unknown>>
  /** The labels of `@override` that are on for this request, sorted; the others are off. */
  readonly overrides?: readonly string[]
}

export interface PlanStore {
  /**
   * A promise where it takes long and nobody has asked before. Throws, or rejects with, OperationRefused, PLAN_NOT_FOUND and
   * RATE_LIMIT_EXCEEDED, the last where too many wait for plans.
   */
  planFor(operation: Operation, choices?: PlanChoices): ExecutablePlan | Promise<ExecutablePlan>
  /** To be called when nothing is to be planned any more. */
  close(): Promise<void>
}

const PLANNING_TIMEOUT_MS = 5_000 // a page of a product takes a hundredth of it
const MAXIMUM_VARIANTS = 64 // of one operation, by what is deferred and which labels are on; clients use a handful

export interface PlanStoreOptions {
  readonly supergraph: Supergraph
  readonly supergraphDocument: DocumentNode
  readonly apiSchema: GraphQLSchema
  readonly conditions: TypeConditions
  /** Whether the text of an operation may be written down: plans are kept by their texts, which they hold. */
  readonly mayBeWritten?: (operation: Operation) => boolean
  /** How long one operation may be planned for; five seconds unless given. */
  readonly planningTimeoutMs?: number | undefined
  /** Milliseconds that only ever grow. */
  readonly monotonic?: () => number
}

export function createPlanStore(options: PlanStoreOptions): PlanStore {
  const { apiSchema, conditions, mayBeWritten = () => true, planningTimeoutMs = PLANNING_TIMEOUT_MS } = options
  const corrected = createPlannerSupergraph(options.supergraphDocument)
  const { sdl } = corrected
  const planning = createPlanning({
    supergraph: sdl === null ? options.supergraph : buildSupergraph(sdl),
    sdl: () => sdl ?? print(options.supergraphDocument),
    isQuick: createIsQuick(options.supergraphDocument, apiSchema),
    limitMs: planningTimeoutMs,
  })
  const plannable = createPlannableDocument(options.supergraphDocument, apiSchema, corrected.absent)
  const keyOf = (name: string, fieldName: string): string => dataKey(name, fieldName, corrected.held)
  const byOperation = new WeakMap<Operation, Map<string, ExecutablePlan>>()

  const compile = (task: PlanTask, document: DocumentNode, planned: QueryPlan): ExecutablePlan => {
    const queryPlan = correctPlan(planned, corrected)
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
  const plan = (task: PlanTask): ExecutablePlan | Promise<ExecutablePlan> => {
    const document = plannable(task.document)
    const asPlanned = plannedDocument(document, corrected.held)
    const planned = planning.plan(asPlanned, task.overrides, hasTypeDependentCalls(document))
    if (!(planned instanceof Promise)) return compile(task, document, planned)
    return planned.then((later) => compile(task, document, later))
  }
  const shared = sharedPlans<ExecutablePlan>(options.monotonic ?? (() => performance.now()))
  return {
    planFor(operation, choices = {}) {
      const plans = byOperation.get(operation) ?? new Map<string, ExecutablePlan>()
      byOperation.set(operation, plans)
      const variant = variantOf(operation, choices)
      const known = plans.get(variant)
      if (known !== undefined) return known
      const task = taskFor(operation, choices, apiSchema)
      const keep = (executable: ExecutablePlan): ExecutablePlan => {
        if (plans.size < MAXIMUM_VARIANTS) plans.set(variant, executable)
        return executable
      }
      const isShared = operation.withheld === null && mayBeWritten(operation)
      const made = isShared ? shared.find(textOf(task), () => plan(task)) : plan(task)
      return made instanceof Promise ? made.then(keep) : keep(made)
    },
    close: () => planning.close(),
  }
}

/** The same for all tasks that one plan is for. */
function textOf({ deferred, overrides, document, madeFrom = '' }: PlanTask): string {
  const labels = deferred === null ? [] : [...deferred.values()]
  return [JSON.stringify([overrides, labels]), print(document), madeFrom].join('\n')
}

/** What is planned and compiled for one operation under certain choices. */
interface PlanTask {
  readonly operation: Operation
  readonly document: DocumentNode
  readonly overrides: readonly string[]
  readonly deferred: ExecutablePlan['deferred']
  /** The text the document was, where it is planned as another: the answer's shape is still that text's. */
  readonly madeFrom?: string
}

function taskFor(operation: Operation, choices: PlanChoices, schema: GraphQLSchema): PlanTask {
  const task = deferringTask(operation, choices, schema)
  const { variables = choices.deferBy ?? null } = choices
  const { ordering, settling, variables: names } = plannedBy(operation, task.deferred !== null)
  const ordered =
    ordering && (names.length === 0 || variables !== null)
      ? mutationInOrder(task.document, variables ?? {})
      : task.document
  const document = settleConditions(ordered, settling ? variables : null)
  return document === task.document ? task : { ...task, document, madeFrom: print(task.document) }
}

function deferringTask(
  operation: Operation,
  { deferBy, overrides = [] }: PlanChoices,
  schema: GraphQLSchema,
): PlanTask {
  if (!isInParts(operation, deferBy)) {
    const document = operation.defers ? withoutDefer(documentOf(operation)) : documentOf(operation)
    return { operation, document, overrides, deferred: null }
  }
  const deferred = readDeferredOperation(operation, deferBy, schema)
  if (deferred.labels.size > 0) {
    const document = documentOf(deferred.operation)
    return { operation: deferred.operation, document, overrides, deferred: deferred.labels }
  }
  return { operation, document: withoutDefer(documentOf(operation)), overrides, deferred: null }
}

function isInParts(
  operation: Operation,
  deferBy: PlanChoices['deferBy'],
): deferBy is Readonly<Record<string, unknown>> {
  return operation.defers && deferBy !== undefined && operation.definition.operation !== OperationTypeNode.SUBSCRIPTION
}

/** Empty for most requests: then nothing but the operation counts. */
function variantOf(operation: Operation, { deferBy, overrides, variables = deferBy }: PlanChoices): string {
  const labels = overrides === undefined || overrides.length === 0 ? '' : overrides.join()
  const inParts = isInParts(operation, deferBy)
  const { variables: names } = plannedBy(operation, inParts)
  if (names.length === 0 && !inParts) return labels
  const values = variables === undefined ? '' : names.map((name) => (variables[name] === true ? '1' : '0')).join('')
  if (!inParts) return `${labels} @include ${values}`
  const switches = conditionVariables(operation, ['defer']).map((name) => (deferBy[name] === false ? '0' : '1'))
  return `${labels} @defer ${switches.join('')} @include ${values}`
}

/** The operation alone, as far as its caller may run it: the document may hold others, which must not share its plan nor keep it from being shared. */
function documentOf(operation: Operation): DocumentNode {
  const { definition, fragments } = operation.withheld?.remainder ?? operation
  return { kind: Kind.DOCUMENT, definitions: [definition, ...fragments.values()] }
}
