import {
  Kind,
  OperationTypeNode,
  visit,
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { isIncluded } from '../operation/is-included.js'
import type { Operation } from '../operation/operation.js'

/**
 * The planner takes a mutation's root fields in the order of their fragments, not of the document, and runs a field twice
 * that stands there twice under different conditions. Here each field stands by itself, once, where the specification has it
 * executed: https://spec.graphql.org/October2021/#sec-Mutation. The document is the operation's, or the rest of it.
 */
export function mutationInOrder(document: DocumentNode, variables: Readonly<Record<string, unknown>>): DocumentNode {
  const fragments = new Map<string, SelectionSetNode>()
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node.selectionSet)
  }
  const definitions = document.definitions.map((node) => {
    if (node.kind !== Kind.OPERATION_DEFINITION) return node
    const fields = new Map<string, FieldNode>()
    collect(node.selectionSet, fragments, variables, fields)
    return { ...node, selectionSet: { ...node.selectionSet, selections: [...fields.values()] } }
  })
  return { ...document, definitions: withoutUnused(definitions) }
}

/** The planner would put fragments that hold root fields to use again, in an order of its own. */
function withoutUnused(definitions: readonly DefinitionNode[]): DefinitionNode[] {
  const used = new Set<string>()
  const take = (node: DefinitionNode): void => {
    visit(node, {
      FragmentSpread({ name: { value } }) {
        const fragment = definitions.find((one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === value)
        if (fragment === undefined || used.has(value)) return
        used.add(value)
        take(fragment)
      },
    })
  }
  for (const node of definitions) if (node.kind === Kind.OPERATION_DEFINITION) take(node)
  return definitions.filter((node) => node.kind !== Kind.FRAGMENT_DEFINITION || used.has(node.name.value))
}

/** The variables a mutation's root fields depend on; null for what the planner has in order as it is. */
export function orderingVariables({ definition, fragments }: Operation): readonly string[] | null {
  const { operation, selectionSet } = definition
  if (
    operation !== OperationTypeNode.MUTATION ||
    selectionSet.selections.every((node, index, all) => isPlain(node, index, all))
  )
    return null
  const names = new Set<string>()
  const visitSet = (set: SelectionSetNode | undefined): void => {
    for (const selection of set?.selections ?? []) {
      for (const { arguments: [condition] = [] } of conditionsOf(selection)) {
        if (condition?.value.kind === Kind.VARIABLE) names.add(condition.value.name.value)
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) visitSet(selection.selectionSet)
      if (selection.kind === Kind.FRAGMENT_SPREAD) visitSet(fragments.get(selection.name.value)?.selectionSet)
    }
  }
  visitSet(selectionSet)
  return [...names].sort()
}

function isPlain(node: SelectionNode, index: number, all: readonly SelectionNode[]): boolean {
  if (node.kind !== Kind.FIELD || conditionsOf(node).length > 0) return false
  return all.findIndex((other) => other.kind === Kind.FIELD && nameOf(other) === nameOf(node)) === index
}

function collect(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, SelectionSetNode>,
  variables: Readonly<Record<string, unknown>>,
  into: Map<string, FieldNode>,
): void {
  for (const selection of set.selections) {
    if (!isIncluded(selection, variables)) continue
    if (selection.kind === Kind.FIELD) {
      const known = into.get(nameOf(selection))
      into.set(nameOf(selection), known === undefined ? unconditional(selection) : joined(known, selection))
    } else {
      const below =
        selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments.get(selection.name.value)
      if (below !== undefined) collect(below, fragments, variables, into)
    }
  }
}

function joined(field: FieldNode, { selectionSet }: FieldNode): FieldNode {
  if (field.selectionSet === undefined || selectionSet === undefined) return field
  return {
    ...field,
    selectionSet: { ...selectionSet, selections: [...field.selectionSet.selections, ...selectionSet.selections] },
  }
}

function unconditional(field: FieldNode): FieldNode {
  const conditions = conditionsOf(field)
  if (conditions.length === 0) return field
  return { ...field, directives: (field.directives ?? []).filter((directive) => !conditions.includes(directive)) }
}

function conditionsOf({ directives = [] }: SelectionNode) {
  return directives.filter(({ name }) => name.value === 'skip' || name.value === 'include')
}

function nameOf({ alias, name }: FieldNode): string {
  return (alias ?? name).value
}
