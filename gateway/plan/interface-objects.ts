import { Kind, type DocumentNode } from 'graphql'
import { directivesOf, graphOf, isTrue } from './join-directives.js'

/** The interfaces of a supergraph that some subgraph knows as objects (`@interfaceObject`), each with those subgraphs (`join__Graph`). */
export function interfaceObjectGraphs(supergraph: DocumentNode): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, ReadonlySet<string>>()
  for (const node of supergraph.definitions) {
    if (node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue
    const objects = directivesOf(node, 'join__type').filter((directive) => isTrue(directive, 'isInterfaceObject'))
    if (objects.length > 0)
      found.set(node.name.value, new Set(objects.flatMap((directive) => graphOf(directive) ?? [])))
  }
  return found
}
