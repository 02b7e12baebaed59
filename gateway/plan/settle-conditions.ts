import {
  Kind,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { Operation } from '../operation/operation.js'

/**
 * A document without the conditions that are settled: those written out as true or false and, where variables are given,
 * every `@skip` and `@include`. The planner loses fields that stand beside a condition within another, beside one in a part
 * that comes later, and beside one that can never hold.
 */
export function settleConditions(
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>> | null,
): DocumentNode {
  const settle = (node: SelectionNode): SelectionNode | null | undefined => {
    const { directives = [] } = node
    const left = directives.filter((directive) => verdictOf(directive, variables) === null)
    if (left.length === directives.length) return undefined
    if (directives.some((directive) => verdictOf(directive, variables) === false)) return null
    return { ...node, directives: left }
  }
  return visit(document, {
    Field: {
      enter: settle,
      leave: (node) => (node.selectionSet && isEmpty(node.selectionSet) ? named(node) : undefined),
    },
    FragmentSpread: { enter: settle },
    InlineFragment: { enter: settle, leave: (node) => (isEmpty(node.selectionSet) ? null : undefined) },
    FragmentDefinition: { leave: (node) => (isEmpty(node.selectionSet) ? named(node) : undefined) },
    OperationDefinition: { leave: (node) => (isEmpty(node.selectionSet) ? named(node) : undefined) },
  })
}

/**
 * Whether a condition stands within another, through whatever fields and fragments: then plans are made for the values of
 * the conditions, and otherwise for all of them.
 */
export function hasConditionWithin({ definition, fragments }: Operation): boolean {
  const visited = new Map<string, boolean>()
  const within = (set: SelectionSetNode | undefined, isConditional: boolean): boolean =>
    (set?.selections ?? []).some((selection) => {
      const own = isConditional || (selection.directives ?? []).some(({ name }) => isCondition(name.value))
      if (own && isConditional && (selection.directives ?? []).some(({ name }) => isCondition(name.value))) return true
      if (selection.kind !== Kind.FRAGMENT_SPREAD) return within(selection.selectionSet, own)
      return withinFragment(fragments.get(selection.name.value), own)
    })
  const withinFragment = (fragment: FragmentDefinitionNode | undefined, isConditional: boolean): boolean => {
    if (fragment === undefined) return false
    const key = `${fragment.name.value} ${isConditional}`
    const known = visited.get(key)
    if (known !== undefined) return known
    visited.set(key, false)
    const found = within(fragment.selectionSet, isConditional)
    visited.set(key, found)
    return found
  }
  return within(definition.selectionSet, false)
}

/** Null where it is no condition, or not settled. */
function verdictOf(
  { name, arguments: args = [] }: DirectiveNode,
  variables: Readonly<Record<string, unknown>> | null,
): boolean | null {
  const value = args[0]?.value
  if (!isCondition(name.value) || value === undefined) return null
  const isOn = name.value === 'include'
  if (value.kind === Kind.BOOLEAN) return value.value === isOn
  if (value.kind !== Kind.VARIABLE || variables === null) return null
  return (variables[value.name.value] === true) === isOn
}

function isCondition(name: string): boolean {
  return name === 'skip' || name === 'include'
}

function isEmpty({ selections }: SelectionSetNode): boolean {
  return selections.length === 0
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }
const ONLY_TYPENAME: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [TYPENAME] }

/** Whether there is an object at all is still to be told. */
function named<T extends { readonly selectionSet?: SelectionSetNode | undefined }>(node: T): T {
  return { ...node, selectionSet: ONLY_TYPENAME }
}
