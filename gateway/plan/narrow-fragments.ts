import {
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type InlineFragmentNode,
  type SelectionSetNode,
} from 'graphql'
import { AppError } from '../../platform/errors/app-error.js'

const MAXIMUM_SELECTIONS = 10_000 // as many as an operation may have of fields: written out it must not become larger

/**
 * Fragments on interfaces that are objects elsewhere, as the planner can take them. `... on Node { id }` on an interface that is an object elsewhere and does not implement `Node`, as fragments on the types
 * that are both: the planner's own way from the one to the other ends in an assertion. Throws PLAN_NOT_FOUND for an operation
 * that written out so would be too large.
 */
export function narrowFragments(
  document: DocumentNode,
  schema: GraphQLSchema,
  interfaceObjects: Pick<ReadonlySet<string>, 'has' | 'size'>,
): DocumentNode {
  if (interfaceObjects.size === 0) return document
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
  const types = new TypeInfo(schema)
  const sizes = new WeakMap<SelectionSetNode, number>()

  const narrow = (
    node: Pick<InlineFragmentNode, 'directives' | 'selectionSet'>,
    condition: string,
  ): InlineFragmentNode | undefined => {
    const names = typesInBoth(schema, types.getParentType()?.name ?? '', condition, interfaceObjects)
    if (names === null) return undefined
    const selections = names.map((name): InlineFragmentNode => ({
      kind: Kind.INLINE_FRAGMENT,
      typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: name } },
      selectionSet: node.selectionSet,
    }))
    const selectionSet: SelectionSetNode = {
      kind: Kind.SELECTION_SET,
      selections: names.length === 0 ? [TYPENAME] : selections,
    }
    if (sizeOf(selectionSet, sizes) > MAXIMUM_SELECTIONS) throw tooLarge(condition)
    return { kind: Kind.INLINE_FRAGMENT, ...(node.directives && { directives: node.directives }), selectionSet }
  }
  return visit(
    document,
    visitWithTypeInfo(types, {
      InlineFragment: {
        leave: (node) =>
          node.typeCondition === undefined
            ? withCondition(node, types.getParentType()?.name ?? '', interfaceObjects)
            : narrow(node, node.typeCondition.name.value),
      },
      FragmentSpread(node) {
        const fragment = fragments.get(node.name.value)
        if (fragment === undefined) return undefined
        const { directives } = node
        // what is written out is visited in turn
        return narrow(
          { ...(directives && { directives }), selectionSet: fragment.selectionSet },
          fragment.typeCondition.name.value,
        )
      },
    }),
  )
}

/** `... @include(if: $v) { freight }` on an interface that is an object elsewhere says of what: else the planner fails at its `__typename`. */
function withCondition(
  node: InlineFragmentNode,
  parentName: string,
  interfaceObjects: Pick<ReadonlySet<string>, 'has'>,
): InlineFragmentNode | undefined {
  const isConditional = node.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')
  if (isConditional !== true || !interfaceObjects.has(parentName)) return undefined
  return { ...node, typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: parentName } } }
}

/** Null where the condition may stay as it is. */
function typesInBoth(
  schema: GraphQLSchema,
  parentName: string,
  condition: string,
  interfaceObjects: Pick<ReadonlySet<string>, 'has' | 'size'>,
): string[] | null {
  if (parentName === condition || !interfaceObjects.has(parentName)) return null
  const parent = schema.getType(parentName)
  const other = schema.getType(condition)
  if (!isInterfaceType(parent) || !isAbstractType(other) || schema.isSubType(other, parent)) return null
  return schema
    .getPossibleTypes(parent)
    .flatMap((type) => (isObjectType(type) && schema.isSubType(other, type) ? [type.name] : []))
}

const TYPENAME = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } } as const

/** Each selection as often as it stands there, fragments that are spread apart. */
function sizeOf(set: SelectionSetNode, sizes: WeakMap<SelectionSetNode, number>): number {
  const known = sizes.get(set)
  if (known !== undefined) return known
  let size = 0
  for (const selection of set.selections)
    size +=
      1 +
      (selection.kind === Kind.FRAGMENT_SPREAD || !selection.selectionSet ? 0 : sizeOf(selection.selectionSet, sizes))
  sizes.set(set, size)
  return size
}

function tooLarge(condition: string): AppError {
  const message = `A selection on ${condition} is too large here: ask for it on the types you need.`
  return new AppError('PLAN_NOT_FOUND', { message })
}
