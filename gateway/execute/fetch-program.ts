import { AppError } from '../../platform/errors/app-error.js'
import { RequestAborted } from '../subgraph-client/exchange.js'
import type { SubgraphResponse } from '../subgraph-client/subgraph-response.js'
import type { Execution } from './execution.js'
import { addFetchFault, addSubgraphErrors, type AskedEntities, type FetchPlace } from './fetch-errors.js'
import type { FlattenPath } from './flatten-path.js'
import { isDataObject, type DataObject } from '../data-object.js'
import { mergeInto } from './response-data.js'
import type { TypeConditions } from './type-conditions.js'
import type { Rewriter } from './rewrites.js'

/** What of a fetch is known before any request. */
export interface FetchProgram {
  readonly service: string
  readonly repeatable: boolean
  readonly path: FlattenPath
  readonly rewriteOutput: Rewriter | null
  readonly place: FetchPlace
  readonly conditions: TypeConditions
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
    const misfits = mergeEntities(asked.targets, asked.positions, entities, program.conditions)
    if (misfits > 0)
      addBadResponse(program, execution, `${misfits} entities are of another type than they were asked for`)
  } else if (response.errors.length === 0 || Array.isArray(entities)) {
    addBadResponse(program, execution, `_entities is not a list of ${count}`)
  }
}

function addBadResponse({ place }: FetchProgram, execution: Execution, reason: string): void {
  addFetchFault(execution, place, new AppError('SUBGRAPH_BAD_RESPONSE', { cause: new Error(reason) }))
}

/** Tells how many were not taken, for they say to be of a type that what was asked for is not of. */
function mergeEntities(
  targets: readonly DataObject[],
  positions: readonly number[],
  entities: readonly unknown[],
  conditions: TypeConditions,
): number {
  let misfits = 0
  for (let index = 0; index < targets.length; index += 1) {
    const target = targets[index]
    const entity = entities[positions[index] ?? -1]
    if (target === undefined || !isDataObject(entity)) continue
    if (isOfType(entity['__typename'], target['__typename'], conditions)) mergeInto(target, entity)
    else misfits += 1
  }
  return misfits
}

function isOfType(said: unknown, known: unknown, conditions: TypeConditions): boolean {
  if (said === known || typeof said !== 'string' || typeof known !== 'string') return true
  return conditions(known).has(said) // more is known now of an interface object
}

/** Null when it failed: the fault has been added to the errors, at the program's place or at all of these. */
export async function send(
  program: FetchProgram,
  execution: Execution,
  body: string,
  places?: readonly FetchPlace[],
): Promise<SubgraphResponse | null> {
  const { headers, client, subgraphs, cancellation } = execution
  try {
    const endpoint = subgraphs.get(program.service)
    if (endpoint === undefined) throw new Error(`The plan names a subgraph ${program.service} that does not exist.`)
    return await client.send(endpoint, { body, headers, repeatable: program.repeatable, cancellation })
  } catch (error) {
    if (error instanceof RequestAborted) return null
    for (const place of places ?? [program.place]) addFetchFault(execution, place, error)
    return null
  }
}
