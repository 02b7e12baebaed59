import type { DocumentNode, GraphQLSchema } from 'graphql'
import { createDropAbsent } from './drop-absent.js'
import { interfaceObjectGraphs } from './interface-objects.js'
import { narrowFragments } from './narrow-fragments.js'
import type { AbsentTypes } from './union-members.js'
import { createWidenFragments } from './widen-fragments.js'
import { withoutIntrospection } from './without-introspection.js'

/** An operation as the planner comes to the right end with it; the client's is answered by its plan. Throws PLAN_NOT_FOUND. */
export type PlannableDocument = (document: DocumentNode) => DocumentNode

/** The reasons: docs/adr/0006-correct-the-planner.md. */
export function createPlannableDocument(
  supergraph: DocumentNode,
  schema: GraphQLSchema,
  absent: AbsentTypes,
): PlannableDocument {
  const interfaceObjects = interfaceObjectGraphs(supergraph)
  const widenFragments = createWidenFragments(supergraph, schema)
  const dropAbsent = createDropAbsent(supergraph, schema, absent)
  return (document) => {
    const narrowed = narrowFragments(withoutIntrospection(document), schema, interfaceObjects)
    const widened = widenFragments?.(narrowed) ?? narrowed
    return dropAbsent?.(widened) ?? widened
  }
}
