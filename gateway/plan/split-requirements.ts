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
import { pathsOf } from './join-directives.js'
import type { PlannerSupergraph } from './planner-supergraph.js'

/** A field asked of the entities themselves. */
interface EntityField {
  readonly node: FieldNode
  readonly typeName: string
  /** What of its needs may be there or not, in one text; empty where all of it is there in any case. */
  readonly conditions: string
  /** Paths of what it requires. */
  readonly needs: ReadonlySet<string>
}

/** What becomes one fetch. */
interface Part {
  readonly conditions: string
  readonly fields: EntityField[]
}

/**
 * One fetch asks for several fields of the same entities, each of which may require something. It can't be one fetch where
 * - two require the same field with different arguments: a representation holds it once;
 * - one is asked for under a condition, or through an interface object of some types alone: what it requires is fetched under the same condition, and where that does not hold
 *   the representations would lack it and nothing could be asked.
 * Then there is a fetch for each, of the same entities, with what its fields require. One fetch is the rule, and comes back
 * as it is.
 */
export function splitRequirements(
  fetch: FetchNode,
  supergraph: PlannerSupergraph,
  isConditional: (typeName: string, below: readonly string[]) => boolean,
): FetchNode[] {
  if (fetch.requires === undefined) return [fetch]
  const document = parse(fetch.operation, { noLocation: true })
  const fields = entityFields(document, fetch, supergraph, isConditional)
  if (fields.every(({ needs }) => needs.size === 0)) return [fetch]
  const parts = partsOf(fields, supergraph)
  if (parts.length < 2) return [fetch]
  return parts.map((part, index) =>
    fetchPart(fetch, document, { part, fields, supergraph }, index === parts.length - 1),
  )
}

function partsOf(fields: readonly EntityField[], { calls }: PlannerSupergraph): Part[] {
  const parts: Part[] = []
  const certain = new Set(fields.flatMap(({ conditions, needs }) => (conditions === '' ? [...needs] : [])))
  for (const field of fields) {
    const isCertain = field.conditions === '' || [...field.needs].every((path) => certain.has(path))
    const conditions = isCertain ? '' : field.conditions
    const fits = (part: Part): boolean =>
      part.conditions === conditions && !part.fields.some(({ needs }) => conflict(needs, field.needs, calls))
    const part = parts.find(fits)
    if (part === undefined) parts.push({ conditions, fields: [field] })
    else part.fields.push(field)
  }
  return parts
}

/** Whether both hold one field of the schema with different arguments. */
function conflict(some: ReadonlySet<string>, others: ReadonlySet<string>, calls: PlannerSupergraph['calls']): boolean {
  for (const one of some) {
    for (const other of others) {
      const [name, otherName] = [lastOf(one), lastOf(other)]
      if (name !== otherName && calls.has(name) && calls.get(name)?.fieldName === calls.get(otherName)?.fieldName)
        return true
    }
  }
  return false
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1)
}

function entityFields(
  document: DocumentNode,
  { serviceName, requires = [] }: FetchNode,
  supergraph: PlannerSupergraph,
  isConditional: (typeName: string, below: readonly string[]) => boolean,
): EntityField[] {
  // of an interface object it does not say of which types a field is asked, but that they are not all
  const isMixed = new Set(requires.map((one) => (one.kind === 'Field' ? one.name : one.typeCondition))).size > 1
  const found: EntityField[] = []
  const collect = (set: SelectionSetNode | undefined, typeName: string): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) {
        const required = supergraph.requirementOf(serviceName, typeName, selection.name.value)
        const needs = new Set(required === null ? [] : pathsOf(required, typeName))
        const type = isMixed && supergraph.isInterface(typeName) ? [typeName] : []
        const uncertain = [...needs].filter((path) => isConditional(typeName, path.split('.').slice(1)))
        const conditions = needs.size === 0 ? '' : [...type, ...uncertain].sort().join()
        found.push({ node: selection, typeName, conditions, needs })
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet, selection.typeCondition?.name.value ?? typeName)
      }
    }
  }
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    for (const root of definition.selectionSet.selections) if (root.kind === Kind.FIELD) collect(root.selectionSet, '')
  }
  return found
}

interface Split {
  readonly part: Part
  readonly fields: readonly EntityField[]
  readonly supergraph: PlannerSupergraph
}

function fetchPart(fetch: FetchNode, document: DocumentNode, split: Split, isLast: boolean): FetchNode {
  const kept = new Set(split.part.fields.map(({ node }) => node))
  const others = new Set(split.fields.flatMap(({ node }) => (kept.has(node) ? [] : [node])))
  const remaining = withoutUnusedVariables(
    visit(document, {
      Field: { enter: (node) => (others.has(node) ? null : undefined) },
      InlineFragment: { leave: (node) => (node.selectionSet.selections.length === 0 ? null : undefined) },
    }),
  )
  const { id, ...unnamed } = fetch
  const used = usedVariables(remaining)
  return {
    ...unnamed,
    ...(isLast && id !== undefined && { id }), // what waits for the fetch waits for its last part
    operation: stripIgnoredCharacters(print(remaining)),
    ...(fetch.operationDocumentNode && { operationDocumentNode: remaining }),
    variableUsages: fetch.variableUsages?.filter((name) => used.has(name)) ?? [],
    requires: sentBy(fetch.requires ?? [], split),
  }
}

/** What the part's fields require, and what none of the fields does: keys. */
function sentBy(
  requires: readonly QueryPlanSelectionNode[],
  { part, fields, supergraph }: Split,
): QueryPlanSelectionNode[] {
  const isNeeded = (typeName: string, path: string, by: readonly EntityField[]): boolean =>
    by.some((field) => supergraph.areRelated(typeName, field.typeName) && field.needs.has(`${field.typeName}${path}`))
  const sentOf = (selection: QueryPlanSelectionNode, typeName: string, above: string): QueryPlanSelectionNode[] => {
    const isField = selection.kind === 'Field'
    const path = isField ? `${above}.${selection.name}` : above
    const within = isField || above !== '' ? typeName : (selection.typeCondition ?? typeName)
    if (
      isField &&
      isNeeded(within, path, fields) &&
      !isNeeded(within, path, part.fields) &&
      !supergraph.keys.has(`${within}${path}`)
    )
      return []
    if (selection.selections === undefined) return [selection]
    const selections = selection.selections.flatMap((below) => sentOf(below, within, path))
    return selections.length === 0 ? [] : [{ ...selection, selections }]
  }
  return requires.flatMap((selection) => sentOf(selection, '', ''))
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
