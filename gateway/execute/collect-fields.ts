import {
  doTypesOverlap,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  Kind,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import { isIncluded } from '../operation/is-included.js'
import { deferredId } from '../operation/deferred-id.js'

export interface SelectionScope {
  readonly schema: GraphQLSchema
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** Settles `@skip` and `@include`. */
  readonly variables: Readonly<Record<string, unknown>>
  /** Whether fragments under `@defer` are left out, to be collected on their own. */
  readonly deferring: boolean
}

/** A fragment under `@defer`. */
export interface DeferredFragment {
  readonly id: string
  /** Null where it depends on what the object turns out to be: an interface object may say so with the part itself. */
  readonly selectionSet: SelectionSetNode | null
}

/** What an object of the data can be known to be; an interface, where a subgraph knows no more of it (`@interfaceObject`). */
export type KnownType = GraphQLObjectType | GraphQLInterfaceType

/**
 * The fields selected on a runtime type, by response name, in the order of the document.
 * https://spec.graphql.org/October2021/#CollectFields()
 */
export function collectFields(
  scope: SelectionScope,
  type: KnownType,
  selectionSets: readonly SelectionSetNode[],
): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>()
  const visited = new Set<string>()
  for (const selectionSet of selectionSets) collectInto(scope, type, selectionSet, visited, fields)
  return fields
}

/** The deferred fragments that apply to a runtime type, or may turn out to. */
export function collectDeferred(
  scope: SelectionScope,
  type: KnownType,
  selectionSets: readonly SelectionSetNode[],
): DeferredFragment[] {
  return selectionSets.flatMap(({ selections }) =>
    selections.flatMap((selection): DeferredFragment[] => {
      if (selection.kind === Kind.FIELD || !isIncluded(selection, scope.variables)) return []
      // what is deferred stands inline, see readDeferredOperation: named fragments hold none
      if (selection.kind === Kind.FRAGMENT_SPREAD) return []
      const condition = selection.typeCondition?.name.value
      const isSure = applies(scope.schema, condition, type)
      if (!isSure && !mayApply(scope.schema, condition, type)) return []
      const id = deferredId(selection)
      const { selectionSet } = selection
      if (id !== null) return [{ id, selectionSet: isSure ? selectionSet : null }]
      const within = collectDeferred(scope, type, [selectionSet])
      return isSure ? within : within.map((part) => ({ id: part.id, selectionSet: null }))
    }),
  )
}

function collectInto(
  scope: SelectionScope,
  type: KnownType,
  selectionSet: SelectionSetNode,
  visited: Set<string>,
  fields: Map<string, FieldNode[]>,
): void {
  for (const selection of selectionSet.selections) {
    if (!isIncluded(selection, scope.variables)) continue
    if (selection.kind === Kind.FIELD) {
      const name = selection.alias?.value ?? selection.name.value
      const known = fields.get(name)
      if (known === undefined) fields.set(name, [selection])
      else known.push(selection)
      continue
    }
    if (scope.deferring && selection.kind === Kind.INLINE_FRAGMENT && deferredId(selection) !== null) continue
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : unvisited(scope, selection.name.value, visited)
    if (fragment === undefined || !applies(scope.schema, fragment.typeCondition?.name.value, type)) continue
    collectInto(scope, type, fragment.selectionSet, visited, fields)
  }
}

function unvisited(scope: SelectionScope, name: string, visited: Set<string>): FragmentDefinitionNode | undefined {
  if (visited.has(name)) return undefined
  visited.add(name)
  return scope.fragments.get(name)
}

function applies(schema: GraphQLSchema, condition: string | undefined, type: KnownType): boolean {
  if (condition === undefined || condition === type.name) return true
  const conditionType = schema.getType(condition)
  return isAbstractType(conditionType) && schema.isSubType(conditionType, type)
}

/** Of an interface object, which stands for all its implementations. */
function mayApply(schema: GraphQLSchema, condition: string | undefined, type: KnownType): boolean {
  const conditionType = condition === undefined ? type : schema.getType(condition)
  return isInterfaceType(type) && isCompositeType(conditionType) && doTypesOverlap(schema, conditionType, type)
}
