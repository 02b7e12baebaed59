import type { FetchNode } from '@apollo/query-planner'
import { AppError } from '../../platform/errors/app-error.js'
import { RequestAborted } from '../subgraph-client/exchange.js'
import type { SubgraphResponse } from '../subgraph-client/subgraph-response.js'
import type { TypeConditions } from '../supergraph/type-conditions.js'
import type { Execution, Step } from './execution.js'
import { addFetchFault, addSubgraphErrors, type FetchPlace } from './fetch-errors.js'
import { compileFlattenPath, type FlattenPath } from './flatten-path.js'
import { compileRepresentations } from './representations.js'
import { compileRequestBody, type RequestBody } from './request-body.js'
import { isDataObject, mergeInto, type DataObject } from './response-data.js'
import { compileRewrites, renamedKeys, type Rewriter } from './rewrites.js'
import { rootFieldNames } from './root-fields.js'

interface FetchProgram {
  readonly service: string
  readonly repeatable: boolean
  readonly path: FlattenPath
  readonly body: RequestBody
  readonly rewriteOutput: Rewriter | null
  readonly place: FetchPlace
}

/** One call to one subgraph, whose answer becomes part of the data at `path`. */
export function compileFetch(node: FetchNode, path: readonly (string | number)[], conditions: TypeConditions): Step {
  if (node.contextRewrites !== undefined && node.contextRewrites.length > 0) {
    throw new AppError('INT_INTERNAL_ERROR', { cause: new Error('The plan has context rewrites.') })
  }
  const flatten = compileFlattenPath(path)
  const program: FetchProgram = {
    service: node.serviceName,
    repeatable: node.operationKind === 'query',
    path: flatten,
    body: compileRequestBody(node),
    rewriteOutput: compileRewrites(node.outputRewrites, conditions),
    place: {
      service: node.serviceName,
      path: flatten,
      rootFields: path.length === 0 ? rootFieldNames(node.operation) : [],
      renamed: renamedKeys(node.outputRewrites),
    },
  }
  return node.requires === undefined ? plainFetch(program) : entityFetch(program, node, conditions)
}

function plainFetch(program: FetchProgram): Step {
  return async (execution) => {
    const targets = program.path.collect(execution.data)
    if (targets.length === 0) return
    const response = await send(program, execution, null)
    if (response === null) return
    if (response.errors.length > 0) addSubgraphErrors(execution, program.place, response.errors, null)
    if (response.data === null) return
    program.rewriteOutput?.(response.data)
    for (const target of targets) mergeInto(target, response.data)
  }
}

function entityFetch(program: FetchProgram, node: FetchNode, conditions: TypeConditions): Step {
  const represent = compileRepresentations(node.requires ?? [], node.inputRewrites, conditions)
  return async (execution) => {
    const targets = program.path.collect(execution.data)
    if (targets.length === 0) return
    const { json, count, positions } = represent(targets)
    if (count === 0) return
    const response = await send(program, execution, json)
    if (response === null) return
    if (response.errors.length > 0) addSubgraphErrors(execution, program.place, response.errors, { targets, positions })
    if (response.data === null) return
    const entities = response.data['_entities']
    if (Array.isArray(entities) && entities.length === count) {
      program.rewriteOutput?.(entities)
      mergeEntities(targets, positions, entities)
    } else if (response.errors.length === 0 || Array.isArray(entities)) {
      const cause = new Error(`_entities is not a list of ${count}`)
      addFetchFault(execution, program.place, new AppError('SUBGRAPH_BAD_RESPONSE', { cause }))
    }
  }
}

function mergeEntities(
  targets: readonly DataObject[],
  positions: readonly number[],
  entities: readonly unknown[],
): void {
  for (const [index, target] of targets.entries()) {
    const entity = entities[positions[index] ?? -1]
    if (isDataObject(entity)) mergeInto(target, entity)
  }
}

/** Null when it failed: the fault has been added to the errors. */
async function send(
  program: FetchProgram,
  execution: Execution,
  representations: string | null,
): Promise<SubgraphResponse | null> {
  const { request, headers, client, subgraphs, cancellation } = execution
  try {
    const endpoint = subgraphs.get(program.service)
    if (endpoint === undefined) throw new Error(`The plan names a subgraph ${program.service} that does not exist.`)
    if (!endpoint.url.protocol.startsWith('http'))
      throw new AppError('SUBGRAPH_UNAVAILABLE', { cause: new Error('not an HTTP URL') })
    const body = program.body(request.variables, representations)
    return await client.send(endpoint, { body, headers, repeatable: program.repeatable, cancellation })
  } catch (error) {
    if (!(error instanceof RequestAborted)) addFetchFault(execution, program.place, error)
    return null
  }
}
