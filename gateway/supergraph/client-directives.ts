import { Kind, visit, type ConstDirectiveNode, type DocumentNode } from 'graphql'

const EXECUTABLE = new Set([
  'QUERY',
  'MUTATION',
  'SUBSCRIPTION',
  'FIELD',
  'FRAGMENT_DEFINITION',
  'FRAGMENT_SPREAD',
  'INLINE_FRAGMENT',
  'VARIABLE_DEFINITION',
])

/**
 * A supergraph whose own directives for operations (`@composeDirective`) are for clients to use. Their specifications are
 * linked, and what a linked specification defines is otherwise taken for the machinery of the supergraph, which clients do
 * not see. The same document where there is none.
 */
export function withClientDirectives(supergraph: DocumentNode): DocumentNode {
  const names = new Set(
    supergraph.definitions.flatMap((node) =>
      node.kind === Kind.DIRECTIVE_DEFINITION && node.locations.every(({ value }) => EXECUTABLE.has(value))
        ? [`@${node.name.value}`]
        : [],
    ),
  )
  const isForClients = (directive: ConstDirectiveNode): boolean => {
    const imported = directive.name.value === 'link' ? importsOf(directive) : []
    return imported.length > 0 && imported.every((name) => names.has(name))
  }
  const links = supergraph.definitions.some(
    (node) => node.kind === Kind.SCHEMA_DEFINITION && node.directives?.some(isForClients),
  )
  if (!links) return supergraph
  return visit(supergraph, {
    SchemaDefinition: (node) => ({ ...node, directives: node.directives?.filter((one) => !isForClients(one)) ?? [] }),
  })
}

/** Under the names they have here. */
function importsOf(link: ConstDirectiveNode): string[] {
  const value = link.arguments?.find(({ name }) => name.value === 'import')?.value
  if (value?.kind !== Kind.LIST) return []
  return value.values.flatMap((one) => {
    if (one.kind === Kind.STRING) return [one.value]
    if (one.kind !== Kind.OBJECT) return []
    const named =
      one.fields.find(({ name }) => name.value === 'as') ?? one.fields.find(({ name }) => name.value === 'name')
    return named?.value.kind === Kind.STRING ? [named.value.value] : []
  })
}
