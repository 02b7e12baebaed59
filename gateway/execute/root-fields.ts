import { Kind, parse, type SelectionSetNode } from 'graphql'

/** The response names an operation's text asks for at its root: where a fault of the whole fetch is felt. */
export function rootFieldNames(operation: string): string[] {
  const names = new Set<string>()
  for (const definition of parse(operation, { noLocation: true }).definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) addNames(definition.selectionSet, names)
  }
  return [...names]
}

function addNames(selectionSet: SelectionSetNode, names: Set<string>): void {
  for (const selection of selectionSet.selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) addNames(selection.selectionSet, names)
    if (selection.kind === Kind.FIELD && selection.name.value !== '__typename') {
      names.add(selection.alias?.value ?? selection.name.value)
    }
  }
}
