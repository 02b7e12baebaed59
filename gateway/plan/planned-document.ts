import { Kind, visit, type DocumentNode } from 'graphql'
import { dataKey } from '../execute/data-keys.js'

/** The operation with every alias renamed that would stand where the plan reads something else. */
export function plannedDocument(document: DocumentNode, held: ReadonlySet<string>): DocumentNode {
  return visit(document, {
    Field(node) {
      if (node.alias === undefined) return undefined
      const key = dataKey(node.alias.value, node.name.value, held)
      return key === node.alias.value ? undefined : { ...node, alias: { kind: Kind.NAME, value: key } }
    },
  })
}
