import {
  Kind,
  type DocumentNode,
  type FieldDefinitionNode,
  type SelectionSetNode,
  type TypeDefinitionNode,
} from 'graphql'
import { compositeTypes, fieldOf, narrowerTypes, type CompositeNode } from './composite-types.js'
import { directivesOf, graphOf, namedType, parseFieldSet, stringArgument } from './join-directives.js'

/** A field as one subgraph resolves it. */
export interface ResolvedField {
  readonly typeName: string
  readonly fieldName: string
  /** A value of `join__Graph`. */
  readonly graph: string
}

export interface SubgraphPart {
  readonly types: ReadonlySet<string>
  /** Of the types that can be looked up by their keys. */
  readonly entities: ReadonlySet<string>
  /** Of composite types alone: of others all or nothing is in the part. */
  isIn(typeName: string, fieldName: string): boolean
}

/**
 * As much of a subgraph as it takes to resolve one field: its type with the keys, what the field requires, and all that is
 * below the field but for what again requires something, to which keys lead.
 */
export function subgraphPart(document: DocumentNode, { typeName, fieldName, graph }: ResolvedField): SubgraphPart {
  const composites = compositeTypes(document)
  const unions = unionNames(document)
  const types = new Set<string>()
  const entities = new Set<string>()
  const fields = new Set<string>()

  const isAbstract = (name: string): boolean =>
    unions.has(name) || composites.get(name)?.kind === Kind.INTERFACE_TYPE_DEFINITION
  const isHere = (type: CompositeNode): boolean => typesOf(type, graph).length > 0

  const addField = (type: CompositeNode, field: FieldDefinitionNode): void => {
    types.add(type.name.value)
    fields.add(`${type.name.value}.${field.name.value}`)
    for (const argument of field.arguments ?? []) addInput(document, namedType(argument.type), types)
  }
  const addWhole = (name: string): void => {
    if (!composites.has(name) && !unions.has(name)) return void types.add(name) // a scalar or an enum
    if (entities.has(name)) return
    types.add(name)
    entities.add(name)
    for (const type of narrowerTypes(document, composites, name).filter(isHere)) {
      if (type.name.value !== name) addWhole(type.name.value)
      else addFieldsBelow(type)
    }
  }
  const addFieldsBelow = (type: CompositeNode): void => {
    for (const field of type.fields ?? []) {
      if (!isResolved(type, field, graph)) continue
      addField(type, field)
      addWhole(namedType(field.type))
    }
  }
  const addSet = (name: string, set: SelectionSetNode): void => {
    if (isAbstract(name) && name !== typeName) return addWhole(name)
    for (const selection of set.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT)
        addSet(selection.typeCondition?.name.value ?? name, selection.selectionSet)
      if (selection.kind !== Kind.FIELD) continue
      const type = composites.get(name)
      const field = fieldOf(composites, name, selection.name.value)
      if (type === undefined || field === undefined) continue
      addField(type, field)
      if (selection.selectionSet) addSet(namedType(field.type), selection.selectionSet)
      else addWhole(namedType(field.type))
    }
  }

  const type = composites.get(typeName)
  const field = fieldOf(composites, typeName, fieldName)
  if (type !== undefined && field !== undefined) {
    const keys = typesOf(type, graph).map((directive) => stringArgument(directive, 'key'))
    const required = fieldsOf(field, graph).map((directive) => stringArgument(directive, 'requires'))
    for (const fieldSet of [...keys, ...required]) {
      const set = fieldSet === undefined ? null : parseFieldSet(fieldSet)
      if (set !== null) addSet(typeName, set)
    }
    addField(type, field)
    addWhole(namedType(field.type))
    entities.add(typeName)
  }
  return { types, entities, isIn: (name, member) => fields.has(`${name}.${member}`) }
}

export function typesOf(type: TypeDefinitionNode, graph: string) {
  return directivesOf(type, 'join__type').filter((directive) => graphOf(directive) === graph)
}

export function fieldsOf(field: FieldDefinitionNode, graph: string) {
  return directivesOf(field, 'join__field').filter((directive) => graphOf(directive) === graph)
}

/** Whether the subgraph has it without requiring anything. A field that names no subgraph is in all that have its type. */
function isResolved(type: CompositeNode, field: FieldDefinitionNode, graph: string): boolean {
  if (directivesOf(field, 'join__field').length === 0) return typesOf(type, graph).length > 0
  return fieldsOf(field, graph).some((directive) => stringArgument(directive, 'requires') === undefined)
}

function unionNames(document: DocumentNode): Set<string> {
  return new Set(
    document.definitions.flatMap((node) => (node.kind === Kind.UNION_TYPE_DEFINITION ? [node.name.value] : [])),
  )
}

function addInput(document: DocumentNode, name: string, types: Set<string>): void {
  if (types.has(name)) return
  types.add(name)
  for (const node of document.definitions) {
    if (node.kind !== Kind.INPUT_OBJECT_TYPE_DEFINITION || node.name.value !== name) continue
    for (const field of node.fields ?? []) addInput(document, namedType(field.type), types)
  }
}
