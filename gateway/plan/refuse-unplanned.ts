import type { PlanNode, SubscriptionNode } from '@apollo/query-planner'
import { Kind, type DocumentNode, type GraphQLSchema, type SelectionSetNode } from 'graphql'
import { AppError } from '../../platform/errors/app-error.js'
import { collectFields } from '../execute/collect-fields.js'
import { clientPath } from '../execute/data-keys.js'
import type { Step } from '../execute/execution.js'
import { rootFieldNames } from '../execute/root-fields.js'
import { gatewayError } from '../gateway-error.js'
import { selectOperation, type Operation } from '../operation/operation.js'

/**
 * The planner leaves out, without a word, what no subgraph can bring: an interface's fields where nothing implements the
 * interface. What a client asked for and the plan does not fetch is an error: of that field, or of the whole operation
 * when there is nothing else in it (PLAN_NOT_FOUND).
 */
export function refuseUnplanned(
  schema: GraphQLSchema,
  document: DocumentNode,
  plan: PlanNode | SubscriptionNode | undefined,
  step: Step | null,
): Step | null {
  const operation = selectOperation(document, undefined)
  const { fragments, definition } = operation
  const rootType = schema.getRootType(definition.operation)
  if (!rootType || plan?.kind === 'Subscription') return step
  const planned = new Set(plan === undefined ? [] : fetchedNames(plan))
  const isMissing = (name: string): boolean => !planned.has(name)
  if (!askedNames(operation, definition.selectionSet).some(isMissing)) return step
  return async (execution) => {
    const { variables, errors, request } = execution
    const fields = collectFields({ schema, fragments, variables, deferring: false }, rootType, [
      definition.selectionSet,
    ])
    const asked = [...fields].flatMap(([name, [node]]) => (node?.name.value.startsWith('__') ? [] : [name]))
    const missing = asked.filter(isMissing)
    if (missing.length > 0 && missing.length === asked.length) throw new AppError('PLAN_NOT_FOUND')
    for (const name of missing) errors.push(gatewayError('PLAN_NOT_FOUND', request.ids, { path: [name] }))
    await step?.(execution)
  }
}

/** The names of the operation's root fields, whatever their conditions turn out to be. */
function askedNames(operation: Operation, set: SelectionSetNode): string[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return askedNames(operation, selection.selectionSet)
    if (selection.kind === Kind.FIELD) {
      return selection.name.value.startsWith('__') ? [] : [selection.alias?.value ?? selection.name.value]
    }
    const fragment = operation.fragments.get(selection.name.value)
    return fragment === undefined ? [] : askedNames(operation, fragment.selectionSet)
  })
}

/** What the plan fetches at the root, by the names clients know. */
function fetchedNames(node: PlanNode): string[] {
  switch (node.kind) {
    case 'Fetch':
      if (node.requires !== undefined) return []
      return rootFieldNames(node.operation).flatMap((name) => clientPath([name]).map(String))
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(fetchedNames)
    case 'Condition':
      return [node.ifClause, node.elseClause].flatMap((clause) => (clause === undefined ? [] : fetchedNames(clause)))
    case 'Defer':
      return [node.primary, ...node.deferred].flatMap((part) =>
        part.node === undefined ? [] : fetchedNames(part.node),
      )
    case 'Flatten': // a deferred part of the root has an empty path
      return fetchedNames(node.node)
  }
}
