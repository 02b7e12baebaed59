import {
  Kind,
  OperationTypeNode,
  print,
  visit,
  type ASTNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import { isIncluded } from './is-included.js'
import type { Operation } from './operation.js'

const known = new WeakMap<Operation, Map<string, string>>()

/**
 * The query that has a field of Query answer what a subscription selects: the subscription's own field under its own key, with
 * those of its arguments that the other field has. `variables` are coerced, and tell which field `@skip` leaves in.
 */
export function snapshotQuery(
  schema: GraphQLSchema,
  operation: Operation,
  variables: Readonly<Record<string, unknown>>,
  field: string,
): string {
  const root = rootField(operation, operation.definition.selectionSet, variables)
  if (root === null) throw new Error('A subscription selects no field.')
  const texts = known.get(operation) ?? new Map<string, string>()
  known.set(operation, texts)
  const key = `${field} ${root.alias?.value ?? root.name.value}`
  const text = texts.get(key) ?? print(documentOf(schema, operation, root, field))
  texts.set(key, text)
  return text
}

function documentOf(schema: GraphQLSchema, { definition, fragments }: Operation, root: FieldNode, field: string) {
  const fields = schema.getQueryType()?.getFields() ?? {}
  const args = (fields[field]?.args ?? []).map(({ name }) => name)
  const selected: FieldNode = {
    ...root,
    alias: root.alias ?? root.name,
    name: { kind: Kind.NAME, value: field },
    arguments: (root.arguments ?? []).filter(({ name }) => args.includes(name.value)),
  }
  const used = new Map<string, FragmentDefinitionNode>()
  const names = new Set<string>()
  const walk = (node: ASTNode): void => {
    visit(node, {
      Variable: ({ name }) => void names.add(name.value),
      FragmentSpread({ name: { value } }) {
        const fragment = fragments.get(value)
        if (fragment === undefined || used.has(value)) return
        used.set(value, fragment)
        walk(fragment)
      },
    })
  }
  walk(selected)
  const query = {
    kind: Kind.OPERATION_DEFINITION as const,
    operation: OperationTypeNode.QUERY,
    variableDefinitions: (definition.variableDefinitions ?? []).filter(({ variable }) =>
      names.has(variable.name.value),
    ),
    selectionSet: { kind: Kind.SELECTION_SET as const, selections: [selected] },
  }
  return { kind: Kind.DOCUMENT as const, definitions: [query, ...used.values()] }
}

/** The one field of a subscription, within fragments too. */
function rootField(
  operation: Operation,
  { selections }: SelectionSetNode,
  variables: Readonly<Record<string, unknown>>,
): FieldNode | null {
  for (const selection of selections) {
    if (!isIncluded(selection, variables)) continue
    if (selection.kind === Kind.FIELD) return selection
    const within = selection.kind === Kind.INLINE_FRAGMENT ? selection : operation.fragments.get(selection.name.value)
    const found = within === undefined ? null : rootField(operation, within.selectionSet, variables)
    if (found !== null) return found
  }
  return null
}
