import { Kind, parse, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql'

/** The response names an operation's text asks for at its root: where a fault of the whole fetch is felt. */
export function rootFieldNames(operation: string): string[] {
  const { definitions } = parse(operation, { noLocation: true })
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  const names = new Set<string>()
  for (const definition of definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) addNames(definition.selectionSet, fragments, names)
  }
  return [...names]
}

function addNames(
  selectionSet: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  names: Set<string>,
): void {
  for (const selection of selectionSet.selections) {
    if (selection.kind === Kind.FIELD) {
      if (selection.name.value !== '__typename') names.add(selection.alias?.value ?? selection.name.value)
      continue
    }
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value)
    if (fragment !== undefined) addNames(fragment.selectionSet, fragments, names)
  }
}
