import type { FetchDataKeyRenamer } from '@apollo/query-planner'
import type { ResponsePath } from '../gateway-error.js'
import type { TypeConditions } from './type-conditions.js'
import { isDataObject, type DataObject } from '../data-object.js'
import { compileSteps, satisfies, type RewriteStep } from './rewrites.js'

/** Values for the arguments a subgraph takes from the context (`@fromContext`), by the names of their variables. */
export type ContextArguments = Readonly<Record<string, unknown>>

/** Reads the arguments for the object at `path`. A value that is not there is undefined, never left out. */
export type ContextReader = (root: DataObject, path: ResponsePath) => ContextArguments

interface ContextSource {
  readonly variable: string
  /** How many fields to go up from the object. */
  readonly up: number
  readonly steps: readonly RewriteStep[]
}

/**
 * Compiles a plan's context rewrites: `..` goes up to the object that holds the field, lists do not count, then type
 * conditions and fields lead down to the value. Of several rewrites to one variable the first that finds a value counts.
 */
export function compileContextReader(
  rewrites: readonly FetchDataKeyRenamer[],
  conditions: TypeConditions,
): ContextReader {
  const sources = rewrites.map(({ path, renameKeyTo }): ContextSource => {
    const up = path.findIndex((element) => element !== '..')
    return { variable: renameKeyTo, up, steps: compileSteps(path.slice(up), conditions) }
  })
  const variables = new Set(sources.map(({ variable }) => variable))
  return (root, path) => {
    const holders = holdersOf(root, path)
    const found: Record<string, unknown> = {}
    for (const variable of variables) found[variable] = undefined // also in place of what a client may send by this name
    for (const { variable, up, steps } of sources) {
      if (found[variable] === undefined) found[variable] = valueAt(holders.at(-up), steps, 0)
    }
    return found
  }
}

/** The objects whose fields the path goes through, outermost first. */
function holdersOf(root: DataObject, path: ResponsePath): DataObject[] {
  const holders: DataObject[] = []
  let value: unknown = root
  for (const key of path) {
    if (typeof value !== 'object' || value === null) break
    if (typeof key === 'string' && isDataObject(value)) holders.push(value)
    value = Reflect.get(value, key)
  }
  return holders
}

function valueAt(value: unknown, steps: readonly RewriteStep[], index: number): unknown {
  const step = steps[index]
  if (step === undefined || value === null) return value
  if (Array.isArray(value)) return value.map((item) => valueAt(item, steps, index))
  if (!isDataObject(value)) return undefined
  if ('typeNames' in step) return satisfies(value, step.typeNames) ? valueAt(value, steps, index + 1) : undefined
  return Object.hasOwn(value, step.field) ? valueAt(value[step.field], steps, index + 1) : undefined
}
