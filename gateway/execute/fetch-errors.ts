import { AppError } from '../../platform/errors/app-error.js'
import { errorCodes } from '../../platform/errors/error-codes.js'
import { withRequestContext } from '../../platform/log/request-context.js'
import { gatewayErrorFrom, type ResponsePath } from '../gateway-error.js'
import { clientPath } from './data-keys.js'
import { isKnownError, maskSubgraphError } from '../subgraph-client/mask-error.js'
import type { SubgraphError } from '../subgraph-client/subgraph-response.js'
import type { Execution } from './execution.js'
import type { FlattenPath } from './flatten-path.js'
import type { DataObject } from '../data-object.js'

/** Where a fetch's faults belong. */
export interface FetchPlace {
  readonly service: string
  readonly path: FlattenPath
  /** For a fetch at the root: the fields it answers. */
  readonly rootFields: readonly string[]
  /** Aliases of the planner's making to the names the client knows. */
  readonly renamed: ReadonlyMap<string, string>
}

/** Which object each entity was asked for, see Representations. */
export interface AskedEntities {
  readonly targets: readonly DataObject[]
  readonly positions: readonly number[]
}

const MAXIMUM_ERRORS = 100 // of one fetch: an answer must not grow with its faults

/**
 * A fetch that brought nothing: one error for every root field it was to answer, or one for all the entities, at the place
 * they have in common.
 */
export function addFetchFault(execution: Execution, place: FetchPlace, fault: unknown): void {
  const { service } = place
  const expected = fault instanceof AppError && isExpected(errorCodes[fault.code].status)
  withRequestContext(execution.request.ids, () =>
    execution.logger[expected ? 'warn' : 'error']({ err: fault, service }, 'a fetch from a subgraph failed'),
  )
  for (const path of faultPaths(execution, place)) {
    execution.errors.push(gatewayErrorFrom(fault, execution.request.ids, { service, path: clientPath(path) }))
  }
}

/** A subgraph that is away, or takes a token no longer, is no fault of ours. */
function isExpected(status: number): boolean {
  return status >= 500 || status === 401 || status === 403
}

function faultPaths(execution: Execution, place: FetchPlace): ResponsePath[] {
  if (place.rootFields.length > 0) return place.rootFields.map((field) => [field])
  return [commonPrefix(place.path.locate(execution.data).map(({ path }) => path))]
}

function commonPrefix(paths: readonly ResponsePath[]): ResponsePath {
  const [first = [], ...others] = paths
  let length = first.length
  for (const path of others) {
    let shared = 0
    while (shared < length && path[shared] === first[shared]) shared += 1
    length = shared
  }
  return first.slice(0, length)
}

/** The errors a subgraph answered with, masked, each at every place of the client's document it belongs to. */
export function addSubgraphErrors(
  execution: Execution,
  place: FetchPlace,
  errors: readonly SubgraphError[],
  asked: AskedEntities | null,
): void {
  const { service } = place
  const entityPlaces = asked === null ? null : placesByPosition(execution, place, asked)
  let added = 0
  for (const error of errors) {
    if (!isKnownError(error)) {
      const subgraphError = { message: error.message, path: error.path }
      withRequestContext(execution.request.ids, () =>
        execution.logger.error({ service, subgraphError }, 'a subgraph failed'),
      )
    }
    for (const path of clientPaths(execution, place, error, entityPlaces)) {
      if (++added > MAXIMUM_ERRORS) return
      execution.errors.push(maskSubgraphError(error, service, clientPath(path), execution.request.ids))
    }
  }
}

function clientPaths(
  execution: Execution,
  place: FetchPlace,
  { path }: SubgraphError,
  entityPlaces: ReadonlyMap<number, readonly ResponsePath[]> | null,
): ResponsePath[] {
  if (path === null || path.length === 0) return faultPaths(execution, place)
  if (entityPlaces === null) {
    const own = rename(path, place)
    return place.rootFields.length > 0
      ? [own]
      : place.path.locate(execution.data).map((target) => [...target.path, ...own])
  }
  const [root, position, ...rest] = path
  const places = root === '_entities' && typeof position === 'number' ? entityPlaces.get(position) : undefined
  return places?.map((target) => [...target, ...rename(rest, place)]) ?? faultPaths(execution, place)
}

function rename(path: ResponsePath, { renamed }: FetchPlace): ResponsePath {
  return renamed.size === 0 ? path : path.map((key) => (typeof key === 'string' ? (renamed.get(key) ?? key) : key))
}

/** By object, not by order: parallel fetches may have added to the data meanwhile. */
function placesByPosition(execution: Execution, place: FetchPlace, asked: AskedEntities): Map<number, ResponsePath[]> {
  const positions = new Map(asked.targets.map((target, index) => [target, asked.positions[index] ?? -1]))
  const places = new Map<number, ResponsePath[]>()
  for (const { object, path } of place.path.locate(execution.data)) {
    const position = positions.get(object) ?? -1
    const known = places.get(position)
    if (known === undefined) places.set(position, [path])
    else known.push(path)
  }
  return places
}
