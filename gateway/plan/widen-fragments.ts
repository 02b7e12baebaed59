/**
 * Operations whose plans would have no end, as others that have one. In: an operation. Out: the same, with each field that is
 * perilous in a fragment asked for beside it: of every object there, where the client wants it of some. It refuses what
 * can't be said so.
 */
import {
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  print,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type InlineFragmentNode,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { AppError } from '../../platform/errors/app-error.js'
import { perilousFields, type IsPerilous, type Origin } from './perilous-fields.js'

/** Throws PLAN_NOT_FOUND for an operation the planner would never come to an end with. */
export type WidenFragments = (document: DocumentNode) => DocumentNode

/** Null for a supergraph that makes no plan endless. */
export function createWidenFragments(supergraph: DocumentNode, schema: GraphQLSchema): WidenFragments | null {
  const isPerilous = perilousFields(supergraph)
  if (isPerilous === null) return null
  return (document) => {
    const fragments = new Map<string, FragmentDefinitionNode>()
    for (const node of document.definitions)
      if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
    const widening = { schema, isPerilous, fragments, widened: 0 }
    const definitions = document.definitions.flatMap((node) => {
      if (node.kind !== Kind.OPERATION_DEFINITION) return []
      const root = schema.getRootType(node.operation)?.name ?? ''
      return [{ ...node, selectionSet: widenBelow(node.selectionSet, null, root, createNames(), widening) }]
    })
    // fragments are written out, which is for the planner to do where nothing else has to be done
    return widening.widened === 0 ? document : { ...document, definitions }
  }
}

interface Widening {
  readonly schema: GraphQLSchema
  readonly isPerilous: IsPerilous
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** How many fields were moved so far. */
  widened: number
}

/** What is in the selection of one field, through fragments. */
interface Level {
  readonly origin: Origin | null
  /** The fields moved out of fragments. */
  readonly moved: SelectionNode[]
  readonly names: Names
}

/** The names of the answer at one place of it, wherever they stand in the operation. */
interface Names {
  readonly calls: Map<string, Set<string>>
  readonly moved: Set<string>
  readonly below: Map<string, Names>
}

function createNames(): Names {
  return { calls: new Map(), moved: new Set(), below: new Map() }
}

function widenBelow(
  set: SelectionSetNode,
  origin: Origin | null,
  typeName: string,
  names: Names,
  widening: Widening,
): SelectionSetNode {
  const level: Level = { origin, moved: [], names }
  const selections = widenSet(set, typeName, [], level, widening)
  return { ...set, selections: [...selections, ...level.moved] }
}

/** `conditions`: of the fragments between the field and this selection. */
function widenSet(
  set: SelectionSetNode,
  typeName: string,
  conditions: readonly DirectiveNode[],
  level: Level,
  widening: Widening,
): SelectionNode[] {
  return set.selections.flatMap((selection): SelectionNode[] => {
    const { directives = [] } = selection
    if (selection.kind === Kind.FIELD) return widenField(selection, typeName, conditions, level, widening)
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : widening.fragments.get(selection.name.value)
    if (fragment === undefined) return []
    const { typeCondition, selectionSet } = fragment
    const within = typeCondition?.name.value ?? typeName
    if (!directives.some(isDefer)) {
      const selections = widenSet(selectionSet, within, [...conditions, ...directives], level, widening)
      return [fragmentOf(typeCondition, directives, selections)]
    }
    // what is moved is still to come later
    const later = { ...level, moved: [] }
    const selections = widenSet(selectionSet, within, [], later, widening)
    if (later.moved.length === 0) return [fragmentOf(typeCondition, directives, selections)]
    return [fragmentOf(undefined, directives, [fragmentOf(typeCondition, [], selections), ...later.moved])]
  })
}

function fragmentOf(
  typeCondition: InlineFragmentNode['typeCondition'],
  directives: readonly DirectiveNode[],
  selections: readonly SelectionNode[],
): InlineFragmentNode {
  const selectionSet: SelectionSetNode = {
    kind: Kind.SELECTION_SET,
    selections: selections.length === 0 ? [TYPENAME] : selections,
  }
  return { kind: Kind.INLINE_FRAGMENT, ...(typeCondition && { typeCondition }), directives, selectionSet }
}

function isDefer({ name }: DirectiveNode): boolean {
  return name.value === 'defer'
}

function widenField(
  field: FieldNode,
  parentName: string,
  conditions: readonly DirectiveNode[],
  level: Level,
  widening: Widening,
): SelectionNode[] {
  const { origin, moved, names } = level
  const name = field.alias?.value ?? field.name.value
  const calls = names.calls.get(name) ?? new Set()
  names.calls.set(name, calls.add(`${field.name.value}(${(field.arguments ?? []).map(print).sort().join()})`))
  const below = names.below.get(name) ?? createNames()
  names.below.set(name, below)
  const written = widenSelection(field, parentName, below, widening)
  const isMoved = origin !== null && parentName !== origin.resultName && widening.isPerilous(origin, field.name.value)
  if (isMoved) names.moved.add(name)
  // moved, it would stand in the place of the other
  if (names.moved.has(name) && calls.size > 1) throw refusal(field.name.value, parentName)
  if (!isMoved) return [written]
  widening.widened += 1
  const condition = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: origin.resultName } } as const
  moved.push(conditions.reduceRight<SelectionNode>((inner, one) => fragmentOf(condition, [one], [inner]), written))
  return []
}

function widenSelection(field: FieldNode, parentName: string, below: Names, widening: Widening): FieldNode {
  const { selectionSet, name } = field
  if (selectionSet === undefined) return field
  const parent = widening.schema.getType(parentName)
  const fields = isInterfaceType(parent) || isObjectType(parent) ? parent.getFields() : {}
  const definition = Object.hasOwn(fields, name.value) ? fields[name.value] : undefined
  if (definition === undefined) return field
  const resultName = getNamedType(definition.type).name
  const origin = { typeName: parentName, fieldName: name.value, resultName }
  return { ...field, selectionSet: widenBelow(selectionSet, origin, resultName, below, widening) }
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }

function refusal(fieldName: string, typeName: string): AppError {
  const message = `No plan can be made for ${fieldName} of ${typeName} alone here, beside another of its name.`
  return new AppError('PLAN_NOT_FOUND', { message: `${message} Ask for it of every object, by a name of its own.` })
}
