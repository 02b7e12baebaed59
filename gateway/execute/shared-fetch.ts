/**
 * A fetch of entities that stands at several places of a plan. In: the objects of each place, as the steps of the plan come to
 * them. Out: one call for all that come in the same turn of the event loop, each entity in it once; data and errors of its
 * answer at every place that asked. It refuses to wait for more: what comes later is a call of its own.
 */
import type { FetchNode, PlanNode } from '@apollo/query-planner'
import { Kind, parse, type SelectionSetNode } from 'graphql'
import type { DataObject } from '../data-object.js'
import type { SubgraphError, SubgraphResponse } from '../subgraph-client/subgraph-response.js'
import type { Execution } from './execution.js'
import { send, takeEntities, type FetchProgram } from './fetch-program.js'
import { compileRepresentations, type Represent } from './representations.js'
import { compileRequestBody, type RequestBody } from './request-body.js'
import type { TypeConditions } from './type-conditions.js'

/** One of the places, on its way into a call. */
interface Asking {
  readonly program: FetchProgram
  readonly targets: readonly DataObject[]
}

/** Calls that are still open for more, by the run of the plan they belong to. */
interface OpenCall {
  readonly askings: Asking[]
  readonly answered: Promise<void>
}

export class SharedFetch {
  readonly #represent: Represent
  readonly #body: RequestBody
  readonly #open = new Map<Execution, OpenCall>()

  constructor(node: FetchNode, conditions: TypeConditions) {
    this.#represent = compileRepresentations(node.requires ?? [], undefined, conditions)
    this.#body = compileRequestBody(node)
  }

  /** Over when the call is that these targets have become part of. Errors are added to the execution's. */
  ask(execution: Execution, program: FetchProgram, targets: readonly DataObject[]): Promise<void> {
    const open = this.#open.get(execution)
    if (open !== undefined) {
      open.askings.push({ program, targets })
      return open.answered
    }
    const askings = [{ program, targets }]
    // behind all that goes on in this turn: the other places come to their fetches in it, or not at all
    const answered = new Promise<void>((resolve, reject) => {
      process.nextTick(() => {
        this.#open.delete(execution)
        this.#call(execution, askings).then(resolve, reject)
      })
    })
    this.#open.set(execution, { askings, answered })
    return answered
  }

  async #call(execution: Execution, askings: readonly Asking[]): Promise<void> {
    const { json, count, positions } = this.#represent(askings.flatMap(({ targets }) => targets))
    let from = 0
    const asked = askings.flatMap(({ program, targets }) => {
      const own = positions.slice(from, (from += targets.length))
      return own.some((position) => position >= 0) ? [{ program, targets, positions: own }] : []
    })
    const [first] = asked
    if (first === undefined) return
    const places = asked.map(({ program }) => program.place)
    const body = this.#body(execution.request.variables, json)
    const response = await send(first.program, execution, body, places)
    if (response === null) return
    for (const { program, ...own } of asked)
      takeEntities(program, execution, partOf(response, own.positions, count), own, count)
  }
}

/** Without the errors of entities that other places have asked for, unless they cost the whole answer. */
function partOf(response: SubgraphResponse, positions: readonly number[], count: number): SubgraphResponse {
  if (response.errors.length === 0 || response.data === null) return response
  const own = new Set(positions)
  const concerns = ({ path }: SubgraphError): boolean => {
    const position = path?.[0] === '_entities' ? path[1] : undefined
    return typeof position !== 'number' || position >= count || own.has(position)
  }
  return { data: response.data, errors: response.errors.filter(concerns) }
}

/** Null for a fetch that has its calls for itself. */
export type SharedFetches = (node: FetchNode) => SharedFetch | null

export function findSharedFetches(plan: PlanNode, conditions: TypeConditions): SharedFetches {
  const alike = new Map<string, FetchNode[]>()
  for (const node of fetchesOf(plan)) {
    const text = JSON.stringify([node.serviceName, withoutName(node), node.requires])
    alike.set(text, [...(alike.get(text) ?? []), node])
  }
  const shared = new Map<FetchNode, SharedFetch>()
  for (const nodes of alike.values()) {
    const [first] = nodes
    if (first === undefined || nodes.length === 1 || !nodes.every(isShareable)) continue
    const fetch = new SharedFetch(first, conditions)
    for (const node of nodes) shared.set(node, fetch)
  }
  return (node) => shared.get(node) ?? null
}

/** Of a named operation the planner numbers the fetches, in their names. */
function withoutName({ operation, operationName }: FetchNode): string {
  const start = `query ${operationName}`
  return operation.startsWith(start) ? `query${operation.slice(start.length)}` : operation
}

/**
 * Objects within an entity would become part of the data at two places: other fetches would go on to fill each for its own
 * place. So only what is flat is shared.
 */
function isShareable({ requires, contextRewrites, inputRewrites, outputRewrites, operation }: FetchNode): boolean {
  if (requires === undefined) return false
  const rewrites = [contextRewrites, inputRewrites, outputRewrites]
  if (rewrites.some((list) => list !== undefined && list.length > 0)) return false
  const [definition, ...others] = parse(operation, { noLocation: true }).definitions
  if (definition?.kind !== Kind.OPERATION_DEFINITION || others.length > 0) return false
  return definition.selectionSet.selections.every(
    (field) => field.kind === Kind.FIELD && (field.selectionSet === undefined || isFlat(field.selectionSet)),
  )
}

function isFlat({ selections }: SelectionSetNode): boolean {
  return selections.every((selection) => {
    if (selection.kind === Kind.FIELD) return selection.selectionSet === undefined
    return selection.kind === Kind.INLINE_FRAGMENT && isFlat(selection.selectionSet)
  })
}

function fetchesOf(node: PlanNode | undefined): FetchNode[] {
  switch (node?.kind) {
    case undefined:
      return []
    case 'Fetch':
      return [node]
    case 'Flatten':
      return fetchesOf(node.node)
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(fetchesOf)
    case 'Condition':
      return [...fetchesOf(node.ifClause), ...fetchesOf(node.elseClause)]
    case 'Defer':
      return [...fetchesOf(node.primary.node), ...node.deferred.flatMap((part) => fetchesOf(part.node))]
  }
}
