import type { FetchDataRewrite, QueryPlanSelectionNode } from '@apollo/query-planner'
import type { TypeConditions } from './type-conditions.js'
import { isDataObject, type DataObject } from '../data-object.js'
import { compileRewrites } from './rewrites.js'

/** The entities one fetch asks for, each once, and which of them belongs to which object. */
export interface Representations {
  /** A JSON list, ready to be sent. */
  readonly json: string
  readonly count: number
  /** For each object its position in the list, -1 for one that lacks what is required and is not asked for. */
  readonly positions: readonly number[]
}

export type Represent = (objects: readonly DataObject[]) => Representations

/** Null stands for an object that can't be represented. */
type Writer = (object: DataObject) => string | null

/** Compiles a fetch's `requires` into a writer of representations: JSON at once, no object in between. */
export function compileRepresentations(
  requires: readonly QueryPlanSelectionNode[],
  inputRewrites: readonly FetchDataRewrite[] | undefined,
  conditions: TypeConditions,
): Represent {
  const write = compileSelection(requires, conditions, true)
  const rewrite = compileRewrites(inputRewrites, conditions)
  const represent: Writer = rewrite === null ? write : (object) => rewritten(write(object), rewrite)
  return (objects) => {
    const known = new Map<string, number>()
    const positions: number[] = []
    let json = ''
    for (const object of objects) {
      const text = typeof object['__typename'] === 'string' ? represent(object) : null
      const position = text === null ? -1 : (known.get(text) ?? known.size)
      if (text !== null && position === known.size) {
        json += position === 0 ? text : `,${text}`
        known.set(text, position)
      }
      positions.push(position)
    }
    return { json: `[${json}]`, count: known.size, positions }
  }
}

function rewritten(text: string | null, rewrite: (data: unknown) => void): string | null {
  if (text === null) return null
  const representation: unknown = JSON.parse(text)
  rewrite(representation)
  return JSON.stringify(representation)
}

/** A writer for each runtime type, made when the first object of that type comes by: fragments are settled once. */
function compileSelection(
  selections: readonly QueryPlanSelectionNode[],
  conditions: TypeConditions,
  isEntity: boolean,
): Writer {
  const writers = new Map<string, Writer>()
  return (object) => {
    const typeName = object['__typename']
    const key = typeof typeName === 'string' ? typeName : ''
    let writer = writers.get(key)
    if (writer === undefined) {
      writer = compileForType(selections, key, conditions, isEntity)
      writers.set(key, writer)
    }
    return writer(object)
  }
}

function compileForType(
  selections: readonly QueryPlanSelectionNode[],
  typeName: string,
  conditions: TypeConditions,
  isEntity: boolean,
): Writer {
  const collected = new Map<string, CollectedField>()
  collectFields(selections, typeName, conditions, collected)
  // no condition is for this type, or none that holds a key: there is nothing to find it by
  if (isEntity && (!collected.has('__typename') || collected.size === 1)) return () => null
  const fields: { key: string; prefix: string; write: Writer | null }[] = []
  let constant = '{'
  for (const [name, { key, below }] of collected) {
    const label = `${constant === '{' ? '' : ','}${JSON.stringify(name)}:`
    if (name === '__typename' && typeName !== '') {
      constant += label + JSON.stringify(typeName) // objects come here by it
    } else {
      fields.push({
        key,
        prefix: constant + label,
        write: below === null ? null : compileSelection(below, conditions, false),
      })
      constant = ''
    }
  }
  return (object) => {
    let json = ''
    for (let index = 0; index < fields.length; index += 1) {
      const field = fields[index]
      if (field === undefined) break
      const text = writeValue(object[field.key], field.write)
      if (text === null) return null
      json += field.prefix + text
    }
    return `${json}${constant}}`
  }
}

/** By the name it is sent under. An alias, where there is one, is the key it is read from. */
interface CollectedField {
  readonly key: string
  readonly below: readonly QueryPlanSelectionNode[] | null
}

function collectFields(
  selections: readonly QueryPlanSelectionNode[],
  typeName: string,
  conditions: TypeConditions,
  into: Map<string, CollectedField>,
): void {
  for (const selection of selections) {
    if (selection.kind === 'Field') {
      const { name, alias: key = name } = selection
      const earlier = into.get(name)?.below ?? []
      into.set(name, { key, below: selection.selections === undefined ? null : [...earlier, ...selection.selections] })
    } else if (selection.typeCondition === undefined || conditions(selection.typeCondition).has(typeName)) {
      collectFields(selection.selections, typeName, conditions, into)
    }
  }
}

/** Keys are short and made of these: quoting them needs no look at escapes. */
const PLAIN_TEXT = /^[\w .:/@+=-]{0,64}$/

function writeValue(value: unknown, write: Writer | null): string | null {
  if (typeof value === 'string' && write === null) return PLAIN_TEXT.test(value) ? `"${value}"` : JSON.stringify(value)
  if (value === undefined || typeof value === 'function') return null
  if (value === null || write === null) return JSON.stringify(value)
  if (Array.isArray(value)) return writeList(value, write)
  return isDataObject(value) ? write(value) : null
}

function writeList(values: readonly unknown[], write: Writer): string | null {
  let json = ''
  for (const value of values) {
    const text = writeValue(value, write)
    if (text === null) return null
    json += json === '' ? text : `,${text}`
  }
  return `[${json}]`
}
