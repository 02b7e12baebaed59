import { Kind, visit, type DocumentNode, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql'
import { dataKey } from '../execute/data-keys.js'

/**
 * The operation as the planner is to see it: every alias renamed that would stand where the plan reads something else, and
 * `__typename` wherever conditions may leave nothing of a selection, for then the planner leaves out the field around it.
 */
export function plannedDocument(document: DocumentNode, held: ReadonlySet<string>): DocumentNode {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  return visit(document, {
    Field(node) {
      const { alias, selectionSet } = node
      const key = alias && dataKey(alias.value, node.name.value, held)
      const isRenamed = key !== alias?.value
      const mayBeEmpty = selectionSet !== undefined && !hasCertain(selectionSet, fragments)
      if (!isRenamed && !mayBeEmpty) return undefined
      return {
        ...node,
        ...(isRenamed && key !== undefined && { alias: { kind: Kind.NAME, value: key } }),
        ...(mayBeEmpty && { selectionSet: { ...selectionSet, selections: [TYPENAME, ...selectionSet.selections] } }),
      }
    },
  })
}

const TYPENAME = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } } as const

/** Whether there is a field in it that no directive can take away. */
function hasCertain(set: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): boolean {
  return set.selections.some((selection) => {
    if ((selection.directives ?? []).length > 0) return false
    if (selection.kind === Kind.FIELD) return true
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value)
    return fragment !== undefined && hasCertain(fragment.selectionSet, fragments)
  })
}
