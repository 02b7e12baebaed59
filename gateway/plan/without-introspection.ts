import {
  Kind,
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/**
 * A document of one operation without its `__schema` and `__type` fields, and without the fragments that held nothing else.
 * The planner leaves such fields out at the root alone; in a fragment that a directive keeps it would look for their subgraph.
 */
export function withoutIntrospection(document: DocumentNode): DocumentNode {
  const { definitions } = document
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of definitions) if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
  const pruned = new Map<string, SelectionSetNode | null>()
  return {
    ...document,
    definitions: definitions.flatMap((node): DefinitionNode[] => {
      if (node.kind === Kind.OPERATION_DEFINITION) {
        return [{ ...node, selectionSet: prune(node.selectionSet, fragments, pruned) ?? ONLY_TYPENAME }]
      }
      if (node.kind !== Kind.FRAGMENT_DEFINITION) return [node]
      const selectionSet = pruneFragment(node.name.value, fragments, pruned)
      return selectionSet === null ? [] : [{ ...node, selectionSet }]
    }),
  }
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }
const ONLY_TYPENAME: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [TYPENAME] }

/** Null when nothing is left; the same object when nothing was taken out. */
function prune(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  pruned: Map<string, SelectionSetNode | null>,
): SelectionSetNode | null {
  const selections = set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) {
      // introspection stands at the root: what is below a field of the graph has none
      return selection.name.value === '__schema' || selection.name.value === '__type' ? [] : [selection]
    }
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      return pruneFragment(selection.name.value, fragments, pruned) === null ? [] : [selection]
    }
    const within = prune(selection.selectionSet, fragments, pruned)
    if (within === null) return []
    return [within === selection.selectionSet ? selection : { ...selection, selectionSet: within }]
  })
  if (selections.length === 0) return null
  const isSame =
    selections.length === set.selections.length && selections.every((one, at) => one === set.selections[at])
  return isSame ? set : { ...set, selections }
}

function pruneFragment(
  name: string,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  pruned: Map<string, SelectionSetNode | null>,
): SelectionSetNode | null {
  const known = pruned.get(name)
  if (known !== undefined) return known
  const fragment = fragments.get(name)
  const selectionSet = fragment === undefined ? null : prune(fragment.selectionSet, fragments, pruned)
  pruned.set(name, selectionSet)
  return selectionSet
}
