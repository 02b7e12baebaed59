import { Kind, type DocumentNode, type FieldDefinitionNode } from 'graphql'
import { fieldGraphs } from './field-graphs.js'
import { interfaceObjectGraphs } from './interface-objects.js'
import { directivesOf, graphOf, stringArgument } from './join-directives.js'

/** A field on the way. */
export interface Origin {
  /** What it is of, and its name. */
  readonly typeName: string
  readonly fieldName: string
  /** Of what it leads to. */
  readonly resultName: string
}

/** Whether the planner would go round in a circle for a field of a narrower type than `origin` leads to. */
export type IsPerilous = (origin: Origin, fieldName: string) => boolean

/**
 * Where several subgraphs know an interface as an object, and one of them requires a field of it, the planner's graph of fetches
 * becomes a circle for `{ shelved { ... on Book { freight } } }`: `shelved` is of one of them, `freight` of another. It goes
 * round until memory is gone. Null for a supergraph in which that can't be.
 */
export function perilousFields(supergraph: DocumentNode): IsPerilous | null {
  const objects = interfaceObjectGraphs(supergraph)
  /** By `Interface.field`: the subgraphs that know the interface as an object and require something for the field. */
  const requiring = new Map<string, ReadonlySet<string>>()
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue
    const graphs = objects.get(definition.name.value)
    if (graphs === undefined || graphs.size < 2) continue
    for (const field of definition.fields ?? []) {
      const where = requiringGraphs(field).filter((graph) => graphs.has(graph))
      if (where.length > 0) requiring.set(`${definition.name.value}.${field.name.value}`, new Set(where))
    }
  }
  if (requiring.size === 0) return null
  const graphsOf = fieldGraphs(supergraph)
  return ({ typeName, fieldName, resultName }, name) => {
    const ends = [...(requiring.get(`${resultName}.${name}`) ?? [])]
    // the way may begin in one subgraph that has the object, and end in another
    return [...graphsOf(typeName, fieldName)].some(
      (graph) => objects.get(resultName)?.has(graph) === true && ends.some((end) => end !== graph),
    )
  }
}

function requiringGraphs(field: FieldDefinitionNode): string[] {
  return directivesOf(field, 'join__field').flatMap((join) =>
    stringArgument(join, 'requires') === undefined ? [] : (graphOf(join) ?? []),
  )
}
