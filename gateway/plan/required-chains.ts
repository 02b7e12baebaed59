/**
 * Where what a field requires requires something itself. In: a supergraph. Out: the same with each such field in a subgraph
 * of its own, and whose these subgraphs are. It refuses to touch a supergraph without such chains.
 *
 * The planner merges a fetch into an earlier one from the same subgraph and does not see that what its fields require is
 * still to be fetched by then. Where nothing else comes from the same subgraph, it cannot.
 */
import { Kind, type DocumentNode, type FieldDefinitionNode, type SelectionSetNode } from 'graphql'
import { compositeTypes, fieldOf, narrowerTypes, type CompositeNode } from './composite-types.js'
import { argument, directivesOf, graphOf, namedType, parseFieldSet, stringArgument } from './join-directives.js'
import { separateField } from './separate-field.js'
import type { ResolvedField } from './subgraph-part.js'

export interface SeparatedChains {
  readonly document: DocumentNode
  /** The names of the subgraphs made up to those of the real ones. */
  readonly subgraphs: ReadonlyMap<string, string>
}

/** `names` are those of the subgraphs by the values of `join__Graph`. */
export function separateChains(document: DocumentNode, names: ReadonlyMap<string, string>): SeparatedChains {
  const subgraphs = new Map<string, string>()
  let separated = document
  for (const field of requiredAndRequiring(document)) {
    const real = names.get(field.graph)
    if (real === undefined) continue
    const number = subgraphs.size + 1
    const name = `${real}_required${number}`
    separated = separateField(separated, field, { value: `${field.graph}__REQUIRED${number}`, name })
    subgraphs.set(name, real)
  }
  return { document: separated, subgraphs }
}

/** In document order, each once. */
function requiredAndRequiring(document: DocumentNode): ResolvedField[] {
  const types = compositeTypes(document)
  const found = new Map<string, ResolvedField>()
  const visitSet = (typeName: string, set: SelectionSetNode): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        visitSet(selection.typeCondition?.name.value ?? typeName, selection.selectionSet)
      } else if (selection.kind === Kind.FIELD) {
        visitField(typeName, selection.name.value)
        const field = fieldOf(types, typeName, selection.name.value)
        if (field !== undefined && selection.selectionSet) visitSet(namedType(field.type), selection.selectionSet)
      }
    }
  }
  const visitField = (typeName: string, fieldName: string): void => {
    for (const { name, fields = [] } of narrowerTypes(document, types, typeName)) {
      const field = fields.find((candidate) => candidate.name.value === fieldName)
      for (const graph of requiringGraphs(field)) {
        found.set(`${name.value}.${fieldName} ${graph}`, { typeName: name.value, fieldName, graph })
      }
    }
  }
  for (const [type, fieldSet] of requirements(types)) {
    const set = parseFieldSet(fieldSet)
    if (set !== null) visitSet(type.name.value, set)
  }
  return [...found.values()]
}

function requirements(types: ReadonlyMap<string, CompositeNode>): [CompositeNode, string][] {
  return [...types.values()].flatMap((type) =>
    (type.fields ?? []).flatMap((field) =>
      directivesOf(field, 'join__field').flatMap((directive): [CompositeNode, string][] => {
        const requires = stringArgument(directive, 'requires')
        return requires === undefined ? [] : [[type, requires]]
      }),
    ),
  )
}

/** Where it requires something. Values from contexts come by the way to the entity, which must stay what it is. */
function requiringGraphs(field: FieldDefinitionNode | undefined): string[] {
  return directivesOf(field ?? {}, 'join__field').flatMap((directive) => {
    const graph = graphOf(directive)
    const isPlain = argument(directive, 'contextArguments') === undefined
    return graph !== null && isPlain && argument(directive, 'requires') !== undefined ? [graph] : []
  })
}
