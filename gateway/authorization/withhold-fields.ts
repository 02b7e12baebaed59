import { Kind, type FieldNode, type FragmentDefinitionNode, type SelectionNode, type SelectionSetNode } from 'graphql'
import type { Operation, Withheld } from '../operation/operation.js'
import type { Withholding } from '../operation/operation.js'

/** The operation with some of its fields withheld: what is left is planned, what was asked for is answered. */
export function withholdFields(operation: Operation, fields: ReadonlyMap<FieldNode, Withholding>): Operation {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const [name, fragment] of operation.fragments) {
    fragments.set(name, { ...fragment, selectionSet: without(fragment.selectionSet, fields) })
  }
  const definition = { ...operation.definition, selectionSet: without(operation.definition.selectionSet, fields) }
  const withheld: Withheld = { remainder: { definition, fragments }, fields }
  return { ...operation, withheld }
}

/** A set that would be empty asks for the type's name: whether there is an object at all is not withheld. */
function without(
  { selections, ...rest }: SelectionSetNode,
  fields: ReadonlyMap<FieldNode, Withholding>,
): SelectionSetNode {
  const left = selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [selection]
    if (selection.kind === Kind.FIELD && fields.has(selection)) return []
    if (selection.selectionSet === undefined) return [selection]
    return [{ ...selection, selectionSet: without(selection.selectionSet, fields) }]
  })
  return { ...rest, selections: left.length > 0 ? left : [TYPE_NAME] }
}

const TYPE_NAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }

/** A withheld field as the operation names it. */
export interface WithheldPlace {
  /** Names as in the answer, without the positions in lists. */
  readonly path: readonly string[]
  readonly withholding: Withholding
}

const MAXIMUM_PLACES = 100 // an answer must not grow with its faults

/** Where the withheld fields stand, but for what `@skip` and `@include` leave out, and whether a root field is among them. */
export function placesOf(
  operation: Operation,
  isLeftOut: (selection: SelectionNode) => boolean,
): readonly WithheldPlace[] {
  const { withheld } = operation
  if (withheld === null) return []
  const places = new Map<string, WithheldPlace>()
  const walk = ({ selections }: SelectionSetNode, above: readonly string[]): void => {
    for (const selection of selections) {
      if (places.size >= MAXIMUM_PLACES) return
      if (isLeftOut(selection)) continue
      if (selection.kind === Kind.FIELD) {
        const path = [...above, (selection.alias ?? selection.name).value]
        const withholding = withheld.fields.get(selection)
        if (withholding !== undefined) places.set(path.join(' '), { path, withholding })
        else if (selection.selectionSet !== undefined) walk(selection.selectionSet, path)
      } else {
        const set = selection.kind === Kind.INLINE_FRAGMENT ? selection : operation.fragments.get(selection.name.value)
        if (set !== undefined) walk(set.selectionSet, above)
      }
    }
  }
  walk(operation.definition.selectionSet, [])
  return [...places.values()]
}
