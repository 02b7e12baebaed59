import type { FetchNode } from '@apollo/query-planner'
import type { TypeConditions } from './type-conditions.js'
import { compileContextReader } from './context-arguments.js'
import { contextFetch } from './context-fetch.js'
import type { Step } from './execution.js'
import { addSubgraphErrors } from './fetch-errors.js'
import { send, takeEntities, type FetchProgram } from './fetch-program.js'
import { compileFlattenPath } from './flatten-path.js'
import { compileRepresentations, type Represent } from './representations.js'
import { compileRequestBody } from './request-body.js'
import type { SharedFetch } from './shared-fetch.js'
import { isDataObject } from '../data-object.js'
import { mergeInto } from './response-data.js'
import { compileRewrites, renamedKeys, type Rewriter } from './rewrites.js'
import { rootFieldNames } from './root-fields.js'

/** One call to one subgraph, or a part in a shared one, whose answer becomes part of the data at `path`. */
export function compileFetch(
  node: FetchNode,
  path: readonly (string | number)[],
  conditions: TypeConditions,
  shared: SharedFetch | null,
): Step {
  const flatten = compileFlattenPath(path)
  const program: FetchProgram = {
    service: node.serviceName,
    repeatable: node.operationKind === 'query',
    conditions,
    path: flatten,
    rewriteOutput: withoutInterfaceNames(node, compileRewrites(node.outputRewrites, conditions)),
    place: {
      service: node.serviceName,
      path: flatten,
      rootFields: path.length === 0 ? rootFieldNames(node.operation) : [],
      renamed: renamedKeys(node.outputRewrites),
    },
  }
  if (node.requires === undefined) return plainFetch(program, node)
  if (shared !== null) return partOfShared(program, shared)
  const represent = compileRepresentations(node.requires, node.inputRewrites, conditions)
  return node.contextRewrites === undefined || node.contextRewrites.length === 0
    ? entityFetch(program, node, represent)
    : contextFetch(program, node, represent, compileContextReader(node.contextRewrites, conditions))
}

function plainFetch(program: FetchProgram, node: FetchNode): Step {
  const body = compileRequestBody(node)
  return async (execution) => {
    const targets = program.path.collect(execution.data)
    if (targets.length === 0) return
    const response = await send(program, execution, body(execution.request.variables, null))
    if (response === null) return
    if (response.errors.length > 0) addSubgraphErrors(execution, program.place, response.errors, null)
    if (response.data === null) return
    program.rewriteOutput?.(response.data)
    for (const target of targets) mergeInto(target, response.data)
  }
}

function entityFetch(program: FetchProgram, node: FetchNode, represent: Represent): Step {
  const body = compileRequestBody(node)
  return async (execution) => {
    const targets = program.path.collect(execution.data)
    if (targets.length === 0) return
    const { json, count, positions } = represent(targets)
    if (count === 0) return
    const response = await send(program, execution, body(execution.request.variables, json))
    if (response !== null) takeEntities(program, execution, response, { targets, positions }, count)
  }
}

function partOfShared(program: FetchProgram, shared: SharedFetch): Step {
  return async (execution) => {
    const targets = program.path.collect(execution.data)
    if (targets.length > 0) await shared.ask(execution, program, targets)
  }
}

/**
 * A subgraph asked for an entity as an interface object answers with the interface's name, which is less than is known.
 * The names are those the representations were sent under.
 */
function withoutInterfaceNames(node: FetchNode, rewrite: Rewriter | null): Rewriter | null {
  const names = new Set<unknown>()
  for (const input of node.inputRewrites ?? []) {
    if (input.kind === 'ValueSetter' && input.path.at(-1) === '__typename') names.add(input.setValueTo)
  }
  if (names.size === 0) return rewrite
  return (entities) => {
    rewrite?.(entities)
    if (!Array.isArray(entities)) return
    for (const entity of entities) {
      if (isDataObject(entity) && names.has(entity['__typename'])) entity['__typename'] = undefined
    }
  }
}
