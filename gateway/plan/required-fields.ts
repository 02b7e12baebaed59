import {
  Kind,
  print,
  visit,
  type ArgumentNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { requiredFieldName } from '../execute/data-keys.js'
import { fieldOf, type CompositeNode } from './composite-types.js'
import { namedType, parseFieldSet } from './join-directives.js'

/** A field with the arguments it is asked for with. */
export interface FieldCall {
  readonly fieldName: string
  readonly arguments: readonly ArgumentNode[]
}

interface Rewritten {
  readonly fieldSet: string
  /** The made-up fields in it. */
  readonly made: readonly string[]
}

export interface RequiredFields {
  /** By the name of the made-up field. */
  readonly calls: ReadonlyMap<string, FieldCall>
  /** Puts a made-up field in place of every field that has arguments. `fieldSet` is of the type. */
  rewrite(typeName: string, fieldSet: string): Rewritten
  /** Gives the types of a supergraph the fields made up so far. */
  addTo(document: DocumentNode): DocumentNode
}

/**
 * The planner knows a field by its response name alone, so that a field required with some arguments becomes one with
 * whatever else asks for it, with other arguments. Under a name of its own, without arguments, it cannot.
 */
export function createRequiredFields(types: ReadonlyMap<string, CompositeNode>): RequiredFields {
  const calls = new Map<string, FieldCall>()
  const names = new Map<string, string>() // by type and call
  const additions = new Map<string, Map<string, string>>() // type to made-up name to the field it is like

  const nameFor = (typeName: string, node: FieldNode): string => {
    const call = { fieldName: node.name.value, arguments: node.arguments ?? [] }
    const family = relatives(types, typeName, call.fieldName)
    const text = `(${call.arguments.map(print).sort().join()})`
    const known = names.get(`${typeName}.${call.fieldName}${text}`)
    if (known !== undefined) return known
    const name = requiredFieldName(calls.size + 1, call.fieldName)
    calls.set(name, call)
    for (const relative of family) {
      names.set(`${relative}.${call.fieldName}${text}`, name)
      const added = additions.get(relative) ?? new Map<string, string>()
      additions.set(relative, added.set(name, call.fieldName))
    }
    return name
  }

  const rewriteSet = (typeName: string, set: SelectionSetNode, made: string[]): SelectionSetNode => {
    const rewriteOne = (selection: SelectionNode): SelectionNode => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return selection
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const within = selection.typeCondition?.name.value ?? typeName
        return { ...selection, selectionSet: rewriteSet(within, selection.selectionSet, made) }
      }
      const field = fieldOf(types, typeName, selection.name.value)
      if (field === undefined) return selection
      const selectionSet = selection.selectionSet && rewriteSet(namedType(field.type), selection.selectionSet, made)
      const below = selectionSet && { selectionSet }
      if ((field.arguments ?? []).length === 0) return { ...selection, ...below }
      const name = nameFor(typeName, selection)
      made.push(name)
      return { ...selection, name: { kind: Kind.NAME, value: name }, arguments: [], ...below }
    }
    return { ...set, selections: set.selections.map(rewriteOne) }
  }

  return {
    calls,
    rewrite(typeName, fieldSet) {
      const made: string[] = []
      const set = parseFieldSet(fieldSet)
      if (set === null) return { fieldSet, made }
      const rewritten = rewriteSet(typeName, set, made)
      return made.length === 0 ? { fieldSet, made } : { fieldSet: printFieldSet(rewritten), made }
    },
    addTo(document) {
      const add = <T extends CompositeNode>(type: T): T => {
        const added = [...(additions.get(type.name.value) ?? [])]
        return { ...type, fields: [...(type.fields ?? []), ...added.flatMap((entry) => like(type, ...entry))] }
      }
      return visit(document, { ObjectTypeDefinition: add, InterfaceTypeDefinition: add })
    },
  }
}

/** A copy under another name, as resolvable as the field itself wherever that is, without its arguments. */
function like(type: CompositeNode, name: string, fieldName: string): FieldDefinitionNode[] {
  const field = type.fields?.find((candidate) => candidate.name.value === fieldName)
  if (field === undefined) return []
  const directives = (field.directives ?? []).filter((directive) => directive.name.value === 'join__field')
  return [{ ...field, name: { kind: Kind.NAME, value: name }, arguments: [], directives }]
}

/** The types that must have a field when one of them has: interfaces, and what implements them. */
function relatives(types: ReadonlyMap<string, CompositeNode>, typeName: string, fieldName: string): Set<string> {
  const family = new Set([typeName])
  for (const name of family) {
    for (const { name: above } of types.get(name)?.interfaces ?? []) {
      if (fieldOf(types, above.value, fieldName) !== undefined) family.add(above.value)
    }
    if (types.get(name)?.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue
    for (const candidate of types.values()) {
      if (candidate.interfaces?.some((implemented) => implemented.name.value === name)) {
        family.add(candidate.name.value)
      }
    }
  }
  return family
}

function printFieldSet(set: SelectionSetNode): string {
  return print(set).replace(/\s+/g, ' ').replace(/^{|}$/g, '').trim()
}
