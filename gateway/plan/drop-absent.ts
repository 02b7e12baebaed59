import {
  getNamedType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { fieldGraphs, type FieldGraphs } from './field-graphs.js'
import type { AbsentTypes } from './union-members.js'

/** The operation without what nothing can be: it is the same for the client. */
export type DropAbsent = (document: DocumentNode) => DocumentNode

/**
 * `... on Mail { to }` where the union is told by a subgraph that knows no `Mail`: nothing there can be one. Where several
 * subgraphs may tell it they have to tell the same, so that nothing can be what one of them does not know. Null where every
 * subgraph with a union knows all its members.
 */
export function createDropAbsent(
  supergraph: DocumentNode,
  schema: GraphQLSchema,
  absent: AbsentTypes,
): DropAbsent | null {
  if (absent.size === 0) return null
  const graphsOf = fieldGraphs(supergraph)
  return (document) => {
    const fragments = new Map<string, FragmentDefinitionNode>()
    for (const node of document.definitions)
      if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
    const dropping = { schema, absent, graphsOf, fragments, dropped: 0 }
    const definitions = document.definitions.flatMap((node) => {
      if (node.kind !== Kind.OPERATION_DEFINITION) return []
      const root = schema.getRootType(node.operation)?.name ?? ''
      return [{ ...node, selectionSet: dropIn(node.selectionSet, root, null, dropping) }]
    })
    // fragments are written out, which is for the planner to do where nothing else has to be done
    return dropping.dropped === 0 ? document : { ...document, definitions }
  }
}

interface Dropping {
  readonly schema: GraphQLSchema
  readonly absent: AbsentTypes
  readonly graphsOf: FieldGraphs
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** How many fragments were dropped so far. */
  dropped: number
}

/** `graphs`: those that may tell of the object without a detour; null at the root. */
function dropIn(
  set: SelectionSetNode,
  typeName: string,
  graphs: ReadonlySet<string> | null,
  dropping: Dropping,
): SelectionSetNode {
  const selections = set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return [dropBelow(selection, typeName, graphs, dropping)]
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : dropping.fragments.get(selection.name.value)
    if (fragment === undefined) return []
    const { typeCondition, selectionSet } = fragment
    const condition = typeCondition?.name.value ?? typeName
    const isUnion = isUnionType(dropping.schema.getType(typeName))
    if (isUnion && [...(graphs ?? [])].some((graph) => dropping.absent.get(graph)?.has(condition))) {
      dropping.dropped += 1
      return []
    }
    const { directives = [] } = selection
    const within = dropIn(selectionSet, condition, graphs, dropping)
    return [{ kind: Kind.INLINE_FRAGMENT, ...(typeCondition && { typeCondition }), directives, selectionSet: within }]
  })
  return { ...set, selections: selections.length === 0 ? [TYPENAME] : selections }
}

function dropBelow(
  field: FieldNode,
  parentName: string,
  graphs: ReadonlySet<string> | null,
  dropping: Dropping,
): FieldNode {
  const { selectionSet, name } = field
  const parent = dropping.schema.getType(parentName)
  const fields = isInterfaceType(parent) || isObjectType(parent) ? parent.getFields() : {}
  const definition = Object.hasOwn(fields, name.value) ? fields[name.value] : undefined
  if (selectionSet === undefined || definition === undefined) return field
  const all = dropping.graphsOf(parentName, name.value)
  const here = new Set([...all].filter((graph) => graphs === null || graphs.has(graph)))
  const result = getNamedType(definition.type).name
  return { ...field, selectionSet: dropIn(selectionSet, result, here.size === 0 ? all : here, dropping) }
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }
