import type { FetchNode } from '@apollo/query-planner'
import type { ResponsePath } from '../gateway-error.js'
import type { SubgraphError, SubgraphResponse } from '../subgraph-client/subgraph-response.js'
import { aliasEntities, entitiesAlias, groupVariable } from './aliased-entities.js'
import type { ContextArguments, ContextReader } from './context-arguments.js'
import type { Execution, Step } from './execution.js'
import { send, takeEntities, type FetchProgram } from './fetch-program.js'
import type { Representations, Represent } from './representations.js'
import { compileRequestBody, type RequestBody } from './request-body.js'
import type { DataObject } from '../data-object.js'

/** Entities that are asked for with the same values from their contexts. */
interface Group {
  readonly args: ContextArguments
  readonly targets: readonly DataObject[]
  readonly representations: Representations
}

const MAXIMUM_GROUPS = 50 // of one call: its text grows with each

/**
 * A fetch of entities of which each takes arguments from what it stands in (`@fromContext`). Entities with equal values are
 * asked for together; several groups share a call, the field `_entities` under an alias for each.
 */
export function contextFetch(program: FetchProgram, node: FetchNode, represent: Represent, read: ContextReader): Step {
  const bodyFor = compileGroupBodies(node)
  return async (execution) => {
    const groups = groupTargets(program, execution, represent, read)
    const calls: Promise<void>[] = []
    for (let start = 0; start < groups.length; start += MAXIMUM_GROUPS) {
      calls.push(call(program, execution, groups.slice(start, start + MAXIMUM_GROUPS), bodyFor))
    }
    await Promise.all(calls)
  }
}

function groupTargets(program: FetchProgram, { data }: Execution, represent: Represent, read: ContextReader): Group[] {
  let located = program.path.locate(data)
  if (new Set(located.map(({ object }) => object)).size < located.length) {
    separate(data, located)
    located = program.path.locate(data)
  }
  const byValues = new Map<string, { readonly args: ContextArguments; readonly targets: DataObject[] }>()
  for (const { object, path } of located) {
    const args = read(data, path)
    const key = JSON.stringify(args)
    const same = byValues.get(key)
    if (same === undefined) byValues.set(key, { args, targets: [object] })
    else same.targets.push(object)
  }
  return [...byValues.values()]
    .map(({ args, targets }) => ({ args, targets, representations: represent(targets) }))
    .filter(({ representations }) => representations.count > 0)
}

/**
 * Gives each place objects of its own: an entity that was asked for once may stand at several places as one object, which
 * could hold the values of one context alone.
 */
function separate(root: DataObject, located: readonly { readonly path: ResponsePath }[]): void {
  const places = new Map<object, string>()
  for (const { path } of located) {
    let holder: object = root
    let place = ''
    for (const key of path) {
      place += `.${key}`
      let value: unknown = Reflect.get(holder, key)
      if (typeof value !== 'object' || value === null) break
      if ((places.get(value) ?? place) !== place) {
        value = Array.isArray(value) ? [...value] : { ...value }
        Reflect.set(holder, key, value)
      }
      if (typeof value !== 'object' || value === null) break
      places.set(value, place)
      holder = value
    }
  }
}

async function call(
  program: FetchProgram,
  execution: Execution,
  groups: readonly Group[],
  bodyFor: (groups: number) => RequestBody,
): Promise<void> {
  const { variables } = execution.request
  const [only] = groups
  if (only !== undefined && groups.length === 1) {
    const { json, count, positions } = only.representations
    const response = await send(program, execution, bodyFor(1)({ ...variables, ...only.args }, json))
    if (response !== null) takeEntities(program, execution, response, { targets: only.targets, positions }, count)
    return
  }
  const response = await send(program, execution, bodyFor(groups.length)(variables, null, variablesOf(groups)))
  if (response === null) return
  const { starts, targets, positions, count } = joinGroups(groups)
  takeEntities(program, execution, joinAnswers(response, groups, starts), { targets, positions }, count)
}

/** A body for each number of groups, with the variables that do not differ between them. */
function compileGroupBodies(node: FetchNode): (groups: number) => RequestBody {
  const one = compileRequestBody(node)
  const several = new Map<number, RequestBody>()
  const ofGroup = new Set((node.contextRewrites ?? []).map(({ renameKeyTo }) => renameKeyTo))
  return (groups) => {
    if (groups === 1) return one
    const known = several.get(groups)
    if (known !== undefined) return known
    const operation = aliasEntities(node.operation, ofGroup, groups)
    const variableUsages = (node.variableUsages ?? []).filter((name) => !ofGroup.has(name))
    const body = compileRequestBody({ ...node, operation, variableUsages })
    several.set(groups, body)
    return body
  }
}

function variablesOf(groups: readonly Group[]): string {
  return groups
    .flatMap(({ args, representations }, group) => [
      `${JSON.stringify(groupVariable('representations', group))}:${representations.json}`,
      ...Object.entries(args)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${JSON.stringify(groupVariable(name, group))}:${JSON.stringify(value)}`),
    ])
    .join()
}

/** The entities of all groups as one list: `starts` says where each group's begin. */
function joinGroups(groups: readonly Group[]) {
  const starts: number[] = []
  const targets: DataObject[] = []
  const positions: number[] = []
  let count = 0
  for (const group of groups) {
    starts.push(count)
    targets.push(...group.targets)
    for (const position of group.representations.positions) positions.push(position < 0 ? -1 : count + position)
    count += group.representations.count
  }
  return { starts, targets, positions, count }
}

function joinAnswers(
  { data, errors }: SubgraphResponse,
  groups: readonly Group[],
  starts: readonly number[],
): SubgraphResponse {
  const entities = groups.map(({ representations: { count } }, group): readonly unknown[] => {
    const list = data?.[entitiesAlias(group)]
    return list === null || list === undefined ? new Array<null>(count).fill(null) : Array.isArray(list) ? list : []
  })
  // a list of the wrong length would shift those after it: then none is taken
  const isWhole = entities.every((list, group) => list.length === groups[group]?.representations.count)
  return {
    data: data === null ? null : { _entities: isWhole ? entities.flat() : [] },
    errors: errors.map((error) => joinedPath(error, starts)),
  }
}

function joinedPath(error: SubgraphError, starts: readonly number[]): SubgraphError {
  const [alias, position, ...rest] = error.path ?? []
  const group = starts.findIndex((_, index) => entitiesAlias(index) === alias)
  if (group < 0 || typeof position !== 'number') return error
  return { ...error, path: ['_entities', (starts[group] ?? 0) + position, ...rest] }
}
