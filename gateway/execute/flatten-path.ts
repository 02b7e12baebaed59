import { isDataObject, type DataObject } from '../data-object.js'
import type { ResponsePath } from '../gateway-error.js'

/**
 * The path of a Flatten node, compiled: field names, `@` for every element of a list, and `|[A,B]` behind either to go on
 * with objects of these types alone.
 */
export interface FlattenPath {
  /** The objects the path leads to, in document order; null and absent ones are left out. */
  collect(root: DataObject): DataObject[]
  /** The same objects, each with the place it stands at. */
  locate(root: DataObject): { readonly object: DataObject; readonly path: ResponsePath }[]
}

interface PathStep {
  /** Null: every element of a list. */
  readonly field: string | null
  readonly typeNames: ReadonlySet<string> | null
}

const ELEMENT = /^(.*?)(?:\|\[([^\]]*)\])?$/s

export function compileFlattenPath(elements: readonly (string | number)[]): FlattenPath {
  const steps = elements.map(parseElement).filter((step) => step.field !== '' || step.typeNames !== null)
  return {
    collect(root) {
      const found: DataObject[] = []
      collectFrom(root, steps, 0, found)
      return found
    },
    locate(root) {
      const found: { object: DataObject; path: ResponsePath }[] = []
      locateFrom(root, steps, 0, [], found)
      return found
    },
  }
}

function parseElement(element: string | number): PathStep {
  const [, name = '', types] = ELEMENT.exec(String(element)) ?? []
  return { field: name === '@' ? null : name, typeNames: types === undefined ? null : new Set(types.split(',')) }
}

function collectFrom(value: unknown, steps: readonly PathStep[], index: number, found: DataObject[]): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    const next = steps[index]?.field === null ? index + 1 : index // lists the path does not mention are walked too
    for (const item of value) if (next === index || passes(item, steps[index])) collectFrom(item, steps, next, found)
    return
  }
  if (!isDataObject(value)) return
  const step = steps[index]
  if (step === undefined) {
    found.push(value)
  } else if (step.field !== null) {
    const below = step.field === '' ? value : value[step.field]
    if (passes(below, step)) collectFrom(below, steps, index + 1, found)
  }
}

function locateFrom(
  value: unknown,
  steps: readonly PathStep[],
  index: number,
  place: ResponsePath,
  found: { object: DataObject; path: ResponsePath }[],
): void {
  if (Array.isArray(value)) {
    const next = steps[index]?.field === null ? index + 1 : index
    for (const [position, item] of value.entries()) {
      if (next === index || passes(item, steps[index])) locateFrom(item, steps, next, [...place, position], found)
    }
    return
  }
  if (!isDataObject(value)) return
  const step = steps[index]
  if (step === undefined) {
    found.push({ object: value, path: place })
  } else if (step.field !== null) {
    const below = step.field === '' ? value : value[step.field]
    const path = step.field === '' ? place : [...place, step.field]
    if (passes(below, step)) locateFrom(below, steps, index + 1, path, found)
  }
}

/** A list passes as a whole: its elements meet the condition of the `@` that follows. */
function passes(value: unknown, step: PathStep | undefined): boolean {
  if (step === undefined || step.typeNames === null) return true
  if (!isDataObject(value)) return true
  const typeName = value['__typename']
  return typeof typeName === 'string' && step.typeNames.has(typeName)
}
