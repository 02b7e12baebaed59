/**
 * What a client reads, from what subgraphs sent. In: the operation and the schema clients see. Out: a function that makes
 * the answer: fields in the order of the document, aliases, nothing that was fetched for the plan's own sake, nothing the
 * schema hides, nulls risen as far as the specification says. It refuses nothing: faults become errors of the answer.
 */
import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isListType,
  isNonNullType,
  isObjectType,
  isLeafType,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import type { RequestContext } from '../../platform/log/request-context.js'
import type { GatewayError } from '../gateway-error.js'
import type { Operation } from '../operation/operation.js'
import { collectFields, type SelectionScope } from './collect-fields.js'
import {
  completeAbstract,
  completeLeaf,
  completeList,
  completeNonNull,
  completeObject,
  shapeObject,
  type Complete,
  type FieldShape,
} from './complete-value.js'
import { conditionVariables } from './condition-variables.js'
import { createIntrospection } from './introspection.js'
import type { DataObject } from './response-data.js'
import { createShaping } from './shaping.js'

export interface Unshaped {
  readonly data: DataObject
  /** What went wrong so far; shaping adds to it. */
  readonly errors: GatewayError[]
  readonly variables: Readonly<Record<string, unknown>>
  readonly ids: RequestContext
}

/** Null when a null rose to the top. */
export type Shaper = (unshaped: Unshaped) => DataObject | null

const MAXIMUM_VARIANTS = 64 // combinations of conditions kept; clients use a handful

/** Fields are settled once for every combination of values of the variables in `@skip` and `@include`. */
export function compileShaper(schema: GraphQLSchema, operation: Operation): Shaper {
  const rootType = schema.getRootType(operation.definition.operation)
  if (!rootType) throw new Error(`The schema has no ${operation.definition.operation} type.`)
  const conditions = conditionVariables(operation)
  const introspect = createIntrospection(schema, operation)
  const variants = new LRUCache<string, readonly FieldShape[]>({ max: MAXIMUM_VARIANTS })
  return ({ data, errors, variables, ids }) => {
    const key = conditions.map((name) => (variables[name] === true ? '1' : '0')).join('')
    let fields = variants.get(key)
    if (fields === undefined) {
      const scope = { schema, fragments: operation.fragments, variables }
      fields = fieldsOfType(scope, rootType, [operation.definition.selectionSet])
      variants.set(key, fields)
    }
    return shapeObject(data, fields, createShaping(errors, ids, introspect(variables)), 0)
  }
}

function fieldsOfType(scope: SelectionScope, type: GraphQLObjectType, sets: readonly SelectionSetNode[]): FieldShape[] {
  return [...collectFields(scope, type, sets)].map(([name, nodes]) => ({
    name,
    complete: safely(name, fieldCompletion(scope, type, name, nodes)),
  }))
}

function fieldCompletion(
  scope: SelectionScope,
  type: GraphQLObjectType,
  name: string,
  nodes: readonly FieldNode[],
): Complete {
  const fieldName = nodes[0]?.name.value ?? ''
  if (fieldName === '__typename') return () => type.name
  if (fieldName === '__schema' || fieldName === '__type')
    return (_raw, shaping) => shaping.introspection?.[name] ?? null
  const field = type.getFields()[fieldName]
  if (field === undefined) throw new Error(`The type ${type.name} has no field ${fieldName}.`)
  const sets = nodes.flatMap((node) => node.selectionSet ?? [])
  return completion(scope, field.type, sets, `${type.name}.${fieldName}`)
}

function completion(
  scope: SelectionScope,
  type: GraphQLOutputType,
  sets: readonly SelectionSetNode[],
  label: string,
): Complete {
  if (isNonNullType(type)) return completeNonNull(completion(scope, getNullableType(type), sets, label), label)
  if (isListType(type)) return completeList(completion(scope, type.ofType, sets, label), label)
  const named = getNamedType(type)
  if (isLeafType(named)) return completeLeaf(named, label)
  if (isObjectType(named)) return completeObject(fieldsOfType(scope, named, sets), label)
  const known = new Map<string, readonly FieldShape[] | null>()
  return completeAbstract((typeName) => {
    let fields = known.get(typeName)
    if (fields === undefined) {
      const runtime = scope.schema.getType(typeName)
      const allowed = isObjectType(runtime) && isAbstractType(named) && scope.schema.isSubType(named, runtime)
      fields = allowed ? fieldsOfType(scope, runtime, sets) : null
      if (allowed) known.set(typeName, fields)
    }
    return fields
  }, label)
}

/** A field may be named as something every object inherits: a missing one must not be read from the prototype. */
function safely(name: string, complete: Complete): Complete {
  if (!(name in Object.prototype)) return complete
  return (raw, shaping, depth) => complete(typeof raw === 'function' ? undefined : raw, shaping, depth)
}
