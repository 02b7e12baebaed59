import {
  Kind,
  parse,
  print,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type VariableDefinitionNode,
} from 'graphql'

const REPRESENTATIONS = 'representations'

/** The name of the list of entities of the group with this number, in an operation for several groups. */
export function entitiesAlias(group: number): string {
  return `_${group}`
}

/** The name that a variable of the group with this number has. */
export function groupVariable(name: string, group: number): string {
  return `${name}_${group}`
}

/**
 * An operation on `_entities`, repeated for groups of entities that differ in the values of some variables: one call where
 * there would be one for each group.
 */
export function aliasEntities(operation: string, ofGroup: ReadonlySet<string>, groups: number): string {
  const document = parse(operation, { noLocation: true })
  const [definition] = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
  if (definition === undefined) throw new Error('A fetch holds no operation.')
  const inlined = { ...definition, selectionSet: inlineFragments(definition.selectionSet, fragmentsOf(document)) }
  const varies = (name: string): boolean => name === REPRESENTATIONS || ofGroup.has(name)
  const variables = inlined.variableDefinitions ?? []
  const copies = Array.from({ length: groups }, (_, group) => copyForGroup(inlined, varies, group))
  return print({
    ...inlined,
    variableDefinitions: [
      ...copies.flatMap(({ variableDefinitions = [] }) => variableDefinitions),
      ...variables.filter((node) => !varies(node.variable.name.value)),
    ],
    selectionSet: { kind: Kind.SELECTION_SET, selections: copies.flatMap((copy) => copy.selectionSet.selections) },
  })
}

function copyForGroup(
  definition: OperationDefinitionNode,
  varies: (name: string) => boolean,
  group: number,
): OperationDefinitionNode {
  const isOwn = (node: VariableDefinitionNode): boolean => varies(node.variable.name.value)
  const own = { ...definition, variableDefinitions: (definition.variableDefinitions ?? []).filter(isOwn) }
  const renamed: OperationDefinitionNode = visit(own, {
    Variable(node) {
      const { value } = node.name
      return varies(value) ? { ...node, name: { kind: Kind.NAME, value: groupVariable(value, group) } } : undefined
    },
  })
  const alias = { kind: Kind.NAME, value: entitiesAlias(group) } as const
  const selections = renamed.selectionSet.selections.map((field) =>
    field.kind === Kind.FIELD ? { ...field, alias } : field,
  )
  return { ...renamed, selectionSet: { ...renamed.selectionSet, selections } }
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
  )
}

/** Variables in a fragment would have to differ by where it is spread. */
function inlineFragments(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): SelectionSetNode {
  return visit(set, {
    FragmentSpread(node) {
      const fragment = fragments.get(node.name.value)
      if (fragment === undefined) return undefined
      return {
        kind: Kind.INLINE_FRAGMENT,
        typeCondition: fragment.typeCondition,
        ...(node.directives && { directives: node.directives }),
        selectionSet: inlineFragments(fragment.selectionSet, fragments),
      }
    },
  })
}
