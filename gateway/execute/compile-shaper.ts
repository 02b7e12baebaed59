/**
 * What a client reads, from what subgraphs sent. In: the operation and the schema clients see. Out: a function that makes
 * the answer: fields in the order of the document, aliases, nothing that was fetched for the plan's own sake, nothing the
 * schema hides, nulls risen as far as the specification says. It refuses nothing: faults become errors of the answer.
 */
import {
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isLeafType,
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import type { RequestContext } from '../../platform/log/request-context.js'
import type { GatewayError } from '../gateway-error.js'
import type { Withholding } from '../operation/operation.js'
import type { Operation, Withheld } from '../operation/operation.js'
import { collectDeferred, collectFields, type KnownType, type SelectionScope } from './collect-fields.js'
import {
  completeAbstract,
  completeLeaf,
  completeList,
  completeNonNull,
  completeObject,
  completeWithheld,
  shapeObject,
  UNKNOWN,
} from './complete-value.js'
import { conditionVariables } from './condition-variables.js'
import { completeNoting, noteDeferred } from './deferred-shapes.js'
import { createIntrospection } from './introspection.js'
import type { DataObject } from '../data-object.js'
import { type Complete, createShaping, type DeferredShape, type FieldShape, type FoundPart } from './shaping.js'

export interface Unshaped {
  readonly data: DataObject
  /** What went wrong so far; shaping adds to it. */
  readonly errors: GatewayError[]
  readonly variables: Readonly<Record<string, unknown>>
  readonly ids: RequestContext
  /** Filled with the deferred parts that are due; only for a shaper compiled to defer. */
  readonly found?: FoundPart[]
}

/** Null when a null rose to the top. */
export type Shaper = (unshaped: Unshaped) => DataObject | null

/** Where data holds a field, by its response name and its own. */
export type DataKeys = (responseName: string, fieldName: string) => string

const sameAsName: DataKeys = (responseName) => responseName

export interface ShaperOptions {
  readonly deferring?: boolean
  /** As the client calls it, unless given. */
  readonly keyOf?: DataKeys
}

const MAXIMUM_VARIANTS = 64 // combinations of conditions kept; clients use a handful

interface RootShape {
  readonly fields: readonly FieldShape[]
  readonly deferred: readonly DeferredShape[]
}

/**
 * Fields are settled once for every combination of values of the variables in `@skip` and `@include`. With `deferring`,
 * for an operation of `readDeferredOperation`, deferred fragments are left out and noted as found; else `@defer` says nothing.
 */
export function compileShaper(schema: GraphQLSchema, operation: Operation, options: ShaperOptions = {}): Shaper {
  const { deferring = false, keyOf = sameAsName } = options
  const rootType = schema.getRootType(operation.definition.operation)
  if (!rootType) throw new Error(`The schema has no ${operation.definition.operation} type.`)
  const conditions = conditionVariables(operation)
  const introspect = createIntrospection(schema, operation)
  const variants = new LRUCache<string, RootShape>({ max: MAXIMUM_VARIANTS })
  return ({ data, errors, variables, ids, found }) => {
    const key = conditions.map((name) => (variables[name] === true ? '1' : '0')).join('')
    let root = variants.get(key)
    if (root === undefined) {
      // the variants outlive the request: of its variables they may keep these alone
      const settled = Object.fromEntries(conditions.map((name) => [name, variables[name] === true]))
      const scope = {
        schema,
        fragments: operation.fragments,
        variables: settled,
        deferring,
        withheld: operation.withheld,
        keyOf,
      }
      const sets = [operation.definition.selectionSet]
      root = { fields: fieldsOfType(scope, rootType, sets), deferred: deferredOfType(scope, rootType, sets) }
      variants.set(key, root)
    }
    const shaping = createShaping(errors, ids, introspect(variables), found)
    const shaped = shapeObject(data, root.fields, shaping, 0)
    const { deferred } = root
    if (shaped !== null && deferred.length > 0) noteDeferred(() => deferred, data, shaping, 0)
    return shaped
  }
}

interface ShapeScope extends SelectionScope {
  readonly withheld: Withheld | null
  readonly keyOf: DataKeys
}

function fieldsOfType(scope: ShapeScope, type: KnownType, sets: readonly SelectionSetNode[]): FieldShape[] {
  return [...collectFields(scope, type, sets)].map(([name, nodes]) => {
    const key = scope.keyOf(name, nodes[0]?.name.value ?? name)
    return { name, key, complete: safely(key, fieldCompletion(scope, type, name, nodes)) }
  })
}

function deferredOfType(scope: ShapeScope, type: KnownType, sets: readonly SelectionSetNode[]): DeferredShape[] {
  if (!scope.deferring) return []
  return collectDeferred(scope, type, sets).map(({ id, selectionSet }) => ({
    id,
    fields: selectionSet === null ? [] : fieldsOfType(scope, type, [selectionSet]),
    within: selectionSet === null ? [] : deferredOfType(scope, type, [selectionSet]),
  }))
}

function fieldCompletion(scope: ShapeScope, type: KnownType, name: string, nodes: readonly FieldNode[]): Complete {
  const fieldName = nodes[0]?.name.value ?? ''
  if (fieldName === '__typename')
    return isObjectType(type) ? () => type.name : completeNonNull(() => null, `${type.name}.__typename`)
  if (fieldName === '__schema' || fieldName === '__type')
    return (_raw, shaping) => shaping.introspection?.[name] ?? null
  const field = type.getFields()[fieldName]
  if (field === undefined) throw new Error(`The type ${type.name} has no field ${fieldName}.`)
  const label = `${type.name}.${fieldName}`
  const withholding = withholdingOf(scope, nodes)
  if (withholding !== undefined) return completeWithheld(withholding, isNonNullType(field.type), label)
  const sets = nodes.flatMap((node) => node.selectionSet ?? [])
  return completion(scope, field.type, sets, label)
}

/** A field that stands twice is withheld when one of the two is: the other alone would not have all that was asked. */
function withholdingOf({ withheld }: ShapeScope, nodes: readonly FieldNode[]): Withholding | undefined {
  if (withheld === null) return undefined
  for (const node of nodes) {
    const withholding = withheld.fields.get(node)
    if (withholding !== undefined) return withholding
  }
  return undefined
}

function completion(
  scope: ShapeScope,
  type: GraphQLOutputType,
  sets: readonly SelectionSetNode[],
  label: string,
): Complete {
  if (isNonNullType(type)) return completeNonNull(completion(scope, getNullableType(type), sets, label), label)
  if (isListType(type)) return completeList(completion(scope, type.ofType, sets, label), label)
  const named = getNamedType(type)
  if (isLeafType(named)) return completeLeaf(named, label)
  if (isObjectType(named)) {
    const complete = completeObject(fieldsOfType(scope, named, sets), label)
    const deferred = deferredOfType(scope, named, sets)
    return deferred.length === 0 ? complete : completeNoting(complete, () => deferred)
  }
  const complete = completeAbstract(fieldsByType(scope, named, sets), label)
  return scope.deferring ? completeNoting(complete, deferredByType(scope, named, sets)) : complete
}

function fieldsByType(
  scope: ShapeScope,
  abstract: GraphQLAbstractType,
  sets: readonly SelectionSetNode[],
): (typeName: string) => readonly FieldShape[] | null {
  const known = new Map<string, readonly FieldShape[]>()
  return (typeName) => {
    const fields = known.get(typeName)
    if (fields !== undefined) return fields
    const runtime = typeWithin(scope.schema, abstract, typeName)
    if (runtime === null) return null
    const collected = fieldsOfType(scope, runtime, sets)
    known.set(typeName, collected)
    return collected
  }
}

function deferredByType(
  scope: ShapeScope,
  abstract: GraphQLAbstractType,
  sets: readonly SelectionSetNode[],
): (typeName: string) => readonly DeferredShape[] {
  const known = new Map<string, readonly DeferredShape[]>()
  return (typeName) => {
    const shapes = known.get(typeName)
    if (shapes !== undefined) return shapes
    const runtime = typeWithin(scope.schema, abstract, typeName)
    const collected = runtime === null ? [] : deferredOfType(scope, runtime, sets)
    known.set(typeName, collected)
    return collected
  }
}

/** Null for a name that may not stand where `abstract` does. */
function typeWithin(schema: GraphQLSchema, abstract: GraphQLAbstractType, typeName: string): KnownType | null {
  const type = typeName === UNKNOWN ? abstract : schema.getType(typeName)
  if (isObjectType(type)) return schema.isSubType(abstract, type) ? type : null
  if (isInterfaceType(type)) return type === abstract || schema.isSubType(abstract, type) ? type : null
  return null
}

/** A field may be named as something every object inherits: a missing one must not be read from the prototype. */
function safely(name: string, complete: Complete): Complete {
  if (!(name in Object.prototype)) return complete
  return (raw, shaping, depth) => complete(typeof raw === 'function' ? undefined : raw, shaping, depth)
}
