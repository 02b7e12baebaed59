import { Kind, type DocumentNode } from 'graphql'
import { directivesOf, isTrue } from './join-directives.js'

/** The interfaces of a supergraph that some subgraph knows as objects (`@interfaceObject`). */
export function interfaceObjectNames(supergraph: DocumentNode): ReadonlySet<string> {
  return new Set(
    supergraph.definitions.flatMap((node) =>
      node.kind === Kind.INTERFACE_TYPE_DEFINITION &&
      directivesOf(node, 'join__type').some((directive) => isTrue(directive, 'isInterfaceObject'))
        ? [node.name.value]
        : [],
    ),
  )
}
