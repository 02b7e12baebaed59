import { AppError } from '../../platform/errors/app-error.js'
import { RequestAborted } from '../subgraph-client/exchange.js'
import type { SubgraphResponse } from '../subgraph-client/subgraph-response.js'
import type { Execution } from './execution.js'
import { addFetchFault, addSubgraphErrors, type AskedEntities, type FetchPlace } from './fetch-errors.js'
import type { FlattenPath } from './flatten-path.js'
import { isDataObject, type DataObject } from '../data-object.js'
import { mergeInto } from './response-data.js'
import type { Rewriter } from './rewrites.js'

/** What of a fetch is known before any request. */
export interface FetchProgram {
  readonly service: string
  readonly repeatable: boolean
  readonly path: FlattenPath
  readonly rewriteOutput: Rewriter | null
  readonly place: FetchPlace
}

/** Adds an answer's errors to those of the execution, and its entities to the objects they were asked for. */
export function takeEntities(
  program: FetchProgram,
  execution: Execution,
  response: SubgraphResponse,
  asked: AskedEntities,
  count: number,
): void {
  if (response.errors.length > 0) addSubgraphErrors(execution, program.place, response.errors, asked)
  if (response.data === null) return
  const entities = response.data['_entities']
  if (Array.isArray(entities) && entities.length === count) {
    program.rewriteOutput?.(entities)
    mergeEntities(asked.targets, asked.positions, entities)
  } else if (response.errors.length === 0 || Array.isArray(entities)) {
    const cause = new Error(`_entities is not a list of ${count}`)
    addFetchFault(execution, program.place, new AppError('SUBGRAPH_BAD_RESPONSE', { cause }))
  }
}

function mergeEntities(
  targets: readonly DataObject[],
  positions: readonly number[],
  entities: readonly unknown[],
): void {
  for (let index = 0; index < targets.length; index += 1) {
    const target = targets[index]
    const entity = entities[positions[index] ?? -1]
    if (target !== undefined && isDataObject(entity)) mergeInto(target, entity)
  }
}

/** Null when it failed: the fault has been added to the errors. */
export async function send(
  program: FetchProgram,
  execution: Execution,
  body: string,
): Promise<SubgraphResponse | null> {
  const { headers, client, subgraphs, cancellation } = execution
  try {
    const endpoint = subgraphs.get(program.service)
    if (endpoint === undefined) throw new Error(`The plan names a subgraph ${program.service} that does not exist.`)
    if (!endpoint.url.protocol.startsWith('http'))
      throw new AppError('SUBGRAPH_UNAVAILABLE', { cause: new Error('not an HTTP URL') })
    return await client.send(endpoint, { body, headers, repeatable: program.repeatable, cancellation })
  } catch (error) {
    if (!(error instanceof RequestAborted)) addFetchFault(execution, program.place, error)
    return null
  }
}
