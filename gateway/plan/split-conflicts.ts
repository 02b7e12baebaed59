import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner'
import {
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
  visit,
  type DocumentNode,
  type FieldNode,
  type SelectionSetNode,
} from 'graphql'
import type { PlannerSupergraph } from './planner-supergraph.js'

/**
 * A representation can hold a required field once. Where fields of one fetch require it with different arguments, each gets
 * a fetch of its own: the same entities, with what that field alone requires. One fetch is the rule, and comes back as it is.
 */
export function splitConflicts(fetch: FetchNode, supergraph: PlannerSupergraph): FetchNode[] {
  const { calls } = supergraph
  const sent = madeUpFields(fetch.requires ?? [], calls)
  if (!conflict(sent, sent, calls)) return [fetch]
  const document = parse(fetch.operation, { noLocation: true })
  const parts: { readonly fields: Set<FieldNode>; readonly needs: Set<string> }[] = []
  const attributed = new Set<string>()
  for (const { field, typeName } of entityFields(document)) {
    const needs = supergraph.requiredBy(fetch.serviceName, typeName, field.name.value).filter((name) => sent.has(name))
    const part = parts.find((candidate) => !conflict(candidate.needs, new Set(needs), calls)) ?? {
      fields: new Set<FieldNode>(),
      needs: new Set<string>(),
    }
    if (part.fields.size === 0) parts.push(part)
    part.fields.add(field)
    for (const name of needs) attributed.add(part.needs.add(name) && name)
  }
  if (parts.length < 2) return [fetch]
  return parts.map(({ fields, needs }, index) => {
    const isLast = index === parts.length - 1
    return partOf(fetch, document, fields, (name) => needs.has(name) || !attributed.has(name), isLast)
  })
}

function madeUpFields(selections: readonly QueryPlanSelectionNode[], calls: PlannerSupergraph['calls']): Set<string> {
  const names = new Set<string>()
  for (const selection of selections) {
    if (selection.kind === 'Field' && calls.has(selection.name)) names.add(selection.name)
    for (const name of madeUpFields(selection.selections ?? [], calls)) names.add(name)
  }
  return names
}

function conflict(some: ReadonlySet<string>, others: ReadonlySet<string>, calls: PlannerSupergraph['calls']): boolean {
  for (const one of some) {
    for (const other of others) {
      if (one !== other && calls.get(one)?.fieldName === calls.get(other)?.fieldName) return true
    }
  }
  return false
}

/** The fields asked of the entities themselves, each with the type it is asked of. */
function entityFields(document: DocumentNode): { field: FieldNode; typeName: string }[] {
  const found: { field: FieldNode; typeName: string }[] = []
  const collect = (set: SelectionSetNode | undefined, typeName: string): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) found.push({ field: selection, typeName })
      else if (selection.kind === Kind.INLINE_FRAGMENT)
        collect(selection.selectionSet, selection.typeCondition?.name.value ?? typeName)
    }
  }
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    for (const root of definition.selectionSet.selections) if (root.kind === Kind.FIELD) collect(root.selectionSet, '')
  }
  return found
}

function partOf(
  fetch: FetchNode,
  document: DocumentNode,
  fields: ReadonlySet<FieldNode>,
  isSent: (name: string) => boolean,
  isLast: boolean,
): FetchNode {
  const others = new Set(
    entityFields(document)
      .map(({ field }) => field)
      .filter((field) => !fields.has(field)),
  )
  const remaining = withoutUnusedVariables(
    visit(document, {
      Field: { enter: (node) => (others.has(node) ? null : undefined) },
      InlineFragment: { leave: (node) => (node.selectionSet.selections.length === 0 ? null : undefined) },
    }),
  )
  const { id, ...unnamed } = fetch
  return {
    ...unnamed,
    ...(isLast && id !== undefined && { id }), // what waits for the fetch waits for its last part
    operation: stripIgnoredCharacters(print(remaining)),
    ...(fetch.operationDocumentNode && { operationDocumentNode: remaining }),
    variableUsages: fetch.variableUsages?.filter((name) => usedVariables(remaining).has(name)) ?? [],
    requires: fetch.requires?.flatMap((selection) => sentOf(selection, isSent)) ?? [],
  }
}

function sentOf(selection: QueryPlanSelectionNode, isSent: (name: string) => boolean): QueryPlanSelectionNode[] {
  if (selection.kind === 'Field' && !isSent(selection.name)) return []
  if (selection.selections === undefined) return [selection]
  const selections = selection.selections.flatMap((below) => sentOf(below, isSent))
  return selections.length === 0 ? [] : [{ ...selection, selections }]
}

function withoutUnusedVariables(document: DocumentNode): DocumentNode {
  const used = usedVariables(document)
  return visit(document, {
    VariableDefinition: (node) => (used.has(node.variable.name.value) ? undefined : null),
  })
}

function usedVariables(document: DocumentNode): Set<string> {
  const used = new Set<string>()
  visit(document, { VariableDefinition: () => false, Variable: (node) => void used.add(node.name.value) })
  return used
}
