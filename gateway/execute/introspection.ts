import {
  executeSync,
  Kind,
  visit,
  type DocumentNode,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { Operation } from '../operation/operation.js'

type Introspected = Readonly<Record<string, unknown>> | null

/** Answers the `__schema` and `__type` fields of an operation from the API schema; null for one that has none. */
export function createIntrospection(
  schema: GraphQLSchema,
  operation: Operation,
): (variables: Readonly<Record<string, unknown>>) => Introspected {
  const selectionSet = onlyIntrospection(operation.definition.selectionSet, operation)
  if (selectionSet.selections.length === 0) return () => null
  const definition = { ...operation.definition, selectionSet }
  const fragments = [...operation.fragments.values()]
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [definition, ...fragments] }
  if (usesVariables(document)) return (variables) => answer(schema, document, variables)
  const constant: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [{ ...definition, variableDefinitions: [] }, ...fragments],
  }
  let known: Introspected = null
  return () => (known ??= answer(schema, constant, {}))
}

function answer(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): Introspected {
  return executeSync({ schema, document, rootValue: {}, variableValues: variables }).data ?? null
}

function onlyIntrospection(selectionSet: SelectionSetNode, operation: Operation): SelectionSetNode {
  return {
    kind: Kind.SELECTION_SET,
    selections: selectionSet.selections.flatMap((selection) => introspective(selection, operation)),
  }
}

function introspective(selection: SelectionNode, operation: Operation): SelectionNode[] {
  if (selection.kind === Kind.FIELD) {
    return selection.name.value === '__schema' || selection.name.value === '__type' ? [selection] : []
  }
  const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : operation.fragments.get(selection.name.value)
  if (fragment === undefined) return []
  const selectionSet = onlyIntrospection(fragment.selectionSet, operation)
  if (selectionSet.selections.length === 0) return []
  return [
    { kind: Kind.INLINE_FRAGMENT, selectionSet, ...(selection.directives && { directives: selection.directives }) },
  ]
}

/** Whether the answer depends on the request: definitions alone do not make it so. */
function usesVariables(document: DocumentNode): boolean {
  let uses = false
  visit(document, { VariableDefinition: () => false, Variable: () => void (uses = true) })
  return uses
}
