import type { FetchDataRewrite } from '@apollo/query-planner'
import type { TypeConditions } from './type-conditions.js'
import { isDataObject, type DataObject } from '../data-object.js'

/** Changes data in place as a plan's rewrites say. */
export type Rewriter = (data: unknown) => void

interface CompiledRewrite {
  readonly steps: readonly RewriteStep[]
  readonly apply: (object: DataObject) => void
}

export type RewriteStep = { readonly field: string } | { readonly typeNames: ReadonlySet<string> }

const FRAGMENT = '... on '

/** Null when there is nothing to rewrite. */
export function compileRewrites(
  rewrites: readonly FetchDataRewrite[] | undefined,
  conditions: TypeConditions,
): Rewriter | null {
  if (rewrites === undefined || rewrites.length === 0) return null
  const compiled = rewrites.map((rewrite) => compileRewrite(rewrite, conditions))
  return (data) => {
    for (const { steps, apply } of compiled) applyAt(data, steps, 0, apply)
  }
}

/** Aliases the planner made up, to the names the client knows: for paths of errors. */
export function renamedKeys(rewrites: readonly FetchDataRewrite[] | undefined): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const rewrite of rewrites ?? []) {
    const last = rewrite.path.at(-1)
    if (rewrite.kind === 'KeyRenamer' && last !== undefined) names.set(last, rewrite.renameKeyTo)
  }
  return names
}

function compileRewrite(rewrite: FetchDataRewrite, conditions: TypeConditions): CompiledRewrite {
  const last = rewrite.path.at(-1) ?? ''
  const steps = compileSteps(rewrite.path.slice(0, -1), conditions)
  if (rewrite.kind === 'KeyRenamer') return { steps, apply: (object) => renameKey(object, last, rewrite.renameKeyTo) }
  const value: unknown = rewrite.setValueTo
  return { steps, apply: (object) => void (object[last] = value) }
}

export function compileSteps(path: readonly string[], conditions: TypeConditions): RewriteStep[] {
  return path.map((element) =>
    element.startsWith(FRAGMENT) ? { typeNames: conditions(element.slice(FRAGMENT.length)) } : { field: element },
  )
}

function renameKey(object: DataObject, from: string, to: string): void {
  const value = object[from]
  if (value === undefined) return
  object[to] = value
  object[from] = undefined
}

function applyAt(
  value: unknown,
  steps: readonly RewriteStep[],
  index: number,
  apply: (object: DataObject) => void,
): void {
  if (Array.isArray(value)) {
    for (const item of value) applyAt(item, steps, index, apply)
    return
  }
  if (!isDataObject(value)) return
  const step = steps[index]
  if (step === undefined) apply(value)
  else if ('field' in step) applyAt(value[step.field], steps, index + 1, apply)
  else if (satisfies(value, step.typeNames)) applyAt(value, steps, index + 1, apply)
}

/** An object that does not say its type was fetched through the condition and satisfies it. */
export function satisfies(object: DataObject, typeNames: ReadonlySet<string>): boolean {
  const typeName = object['__typename']
  return typeof typeName !== 'string' || typeNames.has(typeName)
}
