import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
  isEnumType,
  isScalarType,
  type GraphQLLeafType,
} from 'graphql'
import type { Withholding } from '../operation/operation.js'
import { isDataObject, type DataObject } from '../data-object.js'
import { isNestedDeeper } from '../is-nested-deeper.js'
import type { Complete, FieldShape, Shaping } from './shaping.js'

export function completeNonNull(inner: Complete, fieldLabel: string): Complete {
  return (raw, shaping, depth) => {
    const value = inner(raw, shaping, depth)
    if (value !== null) return value
    shaping.report(depth, `Cannot return null for non-nullable field ${fieldLabel}.`)
    return undefined
  }
}

/** Nothing, whatever there is, and why. */
export function completeWithheld(withholding: Withholding, isNonNull: boolean, fieldLabel: string): Complete {
  const withhold: Complete = (_raw, shaping, depth) => {
    shaping.withhold(depth, withholding)
    return null
  }
  return isNonNull ? completeNonNull(withhold, fieldLabel) : withhold
}

export function completeList(inner: Complete, fieldLabel: string): Complete {
  return (raw, shaping, depth) => {
    if (raw === undefined || raw === null) return null
    if (!Array.isArray(raw)) return misfit(shaping, depth, fieldLabel)
    const list = new Array<unknown>(raw.length)
    for (let index = 0; index < raw.length; index += 1) {
      shaping.path[depth] = index
      const value = inner(raw[index], shaping, depth + 1)
      if (value === undefined) return null
      list[index] = value
    }
    return list
  }
}

export function completeObject(fields: readonly FieldShape[], fieldLabel: string): Complete {
  return (raw, shaping, depth) => {
    if (raw === undefined || raw === null) return null
    if (!isDataObject(raw)) return misfit(shaping, depth, fieldLabel)
    return shapeObject(raw, fields, shaping, depth)
  }
}

/** In place of the type of an object whose subgraph did not have to say it. */
export const UNKNOWN = ''

/** `fieldsOf` gives the fields for a type name, null for one that may not stand here or is hidden from clients. */
export function completeAbstract(
  fieldsOf: (typeName: string) => readonly FieldShape[] | null,
  fieldLabel: string,
): Complete {
  return (raw, shaping, depth) => {
    if (raw === undefined || raw === null) return null
    if (!isDataObject(raw)) return misfit(shaping, depth, fieldLabel)
    const typeName = raw['__typename']
    const fields = fieldsOf(typeof typeName === 'string' ? typeName : UNKNOWN)
    if (fields === null) return misfit(shaping, depth, fieldLabel)
    return shapeObject(raw, fields, shaping, depth)
  }
}

/** Null when a non-null field in it has nothing to show. */
export function shapeObject(
  raw: DataObject,
  fields: readonly FieldShape[],
  shaping: Shaping,
  depth: number,
): DataObject | null {
  const object: DataObject = {}
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index]
    if (field === undefined) break
    shaping.path[depth] = field.name
    const value = field.complete(raw[field.key], shaping, depth + 1)
    if (value === undefined) return null
    object[field.name] = value
  }
  return object
}

/** Scalars of the specification are checked, enums must hold a value clients know, other scalars pass as they are. */
export function completeLeaf(type: GraphQLLeafType, fieldLabel: string): Complete {
  if (isEnumType(type)) {
    const values = new Set<unknown>(type.getValues().map((value) => value.name))
    return checked((raw) => values.has(raw), null, fieldLabel)
  }
  const isQuick = quickChecks.get(type.name)
  if (isQuick === undefined) return completeAnyJson(fieldLabel)
  return checked(isQuick, isScalarType(type) ? (raw) => type.serialize(raw) : null, fieldLabel)
}

function completeAnyJson(fieldLabel: string): Complete {
  return (raw, shaping, depth) => {
    if (raw === undefined || typeof raw === 'function') return null
    return isNestedDeeper(raw, MAXIMUM_NESTING) ? misfit(shaping, depth, fieldLabel) : raw
  }
}

const MAXIMUM_NESTING = 500 // of a scalar that is any JSON: it is put into JSON again, on the stack, which bears thousands

const quickChecks: ReadonlyMap<string, (raw: unknown) => boolean> = new Map([
  [GraphQLString.name, (raw: unknown) => typeof raw === 'string'],
  [GraphQLID.name, (raw: unknown) => typeof raw === 'string'],
  [GraphQLBoolean.name, (raw: unknown) => typeof raw === 'boolean'],
  [GraphQLInt.name, (raw: unknown) => typeof raw === 'number' && (raw | 0) === raw],
  [GraphQLFloat.name, (raw: unknown) => typeof raw === 'number'],
])

function checked(
  isRight: (raw: unknown) => boolean,
  convert: ((raw: unknown) => unknown) | null,
  fieldLabel: string,
): Complete {
  return (raw, shaping, depth) => {
    if (raw === undefined || raw === null) return null
    if (isRight(raw)) return raw
    if (convert === null || typeof raw === 'function') return misfit(shaping, depth, fieldLabel)
    try {
      return convert(raw)
    } catch {
      return misfit(shaping, depth, fieldLabel)
    }
  }
}

function misfit(shaping: Shaping, depth: number, fieldLabel: string): null {
  shaping.report(depth, `A part of the graph answered the field ${fieldLabel} with a value that does not fit its type.`)
  return null
}
