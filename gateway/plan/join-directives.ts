/** Reads and writes the `join__` directives of a supergraph: which subgraph has what, https://specs.apollo.dev/join/v0.5. */
import {
  Kind,
  parse,
  type ArgumentNode,
  type ConstDirectiveNode,
  type ConstValueNode,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql'

interface WithDirectives {
  readonly directives?: readonly ConstDirectiveNode[] | undefined
}

export function directivesOf(node: WithDirectives, name: string): ConstDirectiveNode[] {
  return (node.directives ?? []).filter((directive) => directive.name.value === name)
}

/** The value of `graph`, null where a directive is for no subgraph. */
export function graphOf(directive: ConstDirectiveNode): string | null {
  const value = argument(directive, 'graph')?.value
  return value?.kind === Kind.ENUM ? value.value : null
}

export function argument(directive: ConstDirectiveNode, name: string): ArgumentNode | undefined {
  return directive.arguments?.find((candidate) => candidate.name.value === name)
}

export function stringArgument(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = argument(directive, name)?.value
  return value?.kind === Kind.STRING ? value.value : undefined
}

export function isFalse(directive: ConstDirectiveNode, name: string): boolean {
  const value = argument(directive, name)?.value
  return value?.kind === Kind.BOOLEAN && !value.value
}

export function isTrue(directive: ConstDirectiveNode, name: string): boolean {
  const value = argument(directive, name)?.value
  return value?.kind === Kind.BOOLEAN && value.value
}

export function withText(directive: ConstDirectiveNode, name: string, text: string): ConstDirectiveNode {
  return withValue(directive, name, { kind: Kind.STRING, value: text, block: false })
}

export function withGraph(directive: ConstDirectiveNode, graph: string): ConstDirectiveNode {
  return withValue(directive, 'graph', { kind: Kind.ENUM, value: graph })
}

export function withValue(directive: ConstDirectiveNode, name: string, value: ConstValueNode): ConstDirectiveNode {
  const others = directive.arguments?.filter((candidate) => candidate.name.value !== name) ?? []
  const node = { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: name }, value } as const
  return { ...directive, arguments: [...others, node] }
}

/** With these arguments alone. */
export function withOnly(directive: ConstDirectiveNode, names: readonly string[]): ConstDirectiveNode {
  return { ...directive, arguments: directive.arguments?.filter(({ name }) => names.includes(name.value)) ?? [] }
}

export function joinDirective(name: 'join__type' | 'join__field', graph: string): ConstDirectiveNode {
  return withGraph({ kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: name } }, graph)
}

/** The selections of a `join__FieldSet`; null for a text that is none. */
export function parseFieldSet(fieldSet: string): SelectionSetNode | null {
  const [definition] = parse(`{ ${fieldSet} }`, { noLocation: true }).definitions
  return definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet : null
}

/** `Type.field` and `Type.field.below`, whatever fragments are between. */
export function pathsOf(set: SelectionSetNode, above: string): string[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return pathsOf(selection.selectionSet, above)
    if (selection.kind !== Kind.FIELD) return []
    const path = `${above}.${selection.name.value}`
    return [path, ...(selection.selectionSet ? pathsOf(selection.selectionSet, path) : [])]
  })
}

export function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type)
}
