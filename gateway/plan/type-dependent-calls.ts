import {
  Kind,
  print,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from 'graphql'

/**
 * Whether one name of the answer stands for different calls at the same path, by the types of the objects on the way to it:
 * `{ all { ... on A { p { price(in: USD) } } ... on B { p { price(in: EUR) } } } }`. Only then must a plan's fetches tell
 * apart by which types their entities were reached, which costs a fetch for each.
 */
export function hasTypeDependentCalls(document: DocumentNode): boolean {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
  const numbers = new Map<SelectionSetNode, number>()
  const seen = new Set<string>()
  const numberOf = (set: SelectionSetNode): number => {
    const number = numbers.get(set) ?? numbers.size
    numbers.set(set, number)
    return number
  }
  /** `sets` stand at one path: below one field, or below several of one name under different type conditions. */
  const differs = (sets: readonly SelectionSetNode[]): boolean => {
    const key = sets.map(numberOf).sort().join()
    if (seen.has(key)) return false
    seen.add(key)
    const byName = new Map<string, { call: string; owner: number; below: Set<SelectionSetNode> }>()
    for (const set of sets) {
      const owner = numberOf(set)
      for (const field of fieldsIn(set, fragments)) {
        const name = field.alias?.value ?? field.name.value
        const call = callOf(field)
        const known = byName.get(name)
        if (known !== undefined && known.owner !== owner && known.call !== call) return true
        const below = known?.below ?? new Set()
        if (field.selectionSet) below.add(field.selectionSet)
        byName.set(name, { call, owner: known?.owner ?? owner, below })
      }
    }
    return [...byName.values()].some(({ below }) => below.size > 0 && differs([...below]))
  }
  return document.definitions.some((node) => node.kind === Kind.OPERATION_DEFINITION && differs([node.selectionSet]))
}

/** Those behind fragments too, each fragment once. */
function fieldsIn(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  spread = new Set<string>(),
): FieldNode[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection]
    if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsIn(selection.selectionSet, fragments, spread)
    const fragment = spread.has(selection.name.value) ? undefined : fragments.get(selection.name.value)
    spread.add(selection.name.value)
    return fragment === undefined ? [] : fieldsIn(fragment.selectionSet, fragments, spread)
  })
}

function callOf({ name, arguments: args = [] }: FieldNode): string {
  return `${name.value}(${args.map(print).sort().join()})`
}
