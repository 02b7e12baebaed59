import { Kind, type DocumentNode } from 'graphql'
import { directivesOf, graphOf, isTrue } from './join-directives.js'

/** Values of `join__Graph` that resolve a field of an object or interface; none for what is not in the supergraph. */
export type FieldGraphs = (typeName: string, fieldName: string) => ReadonlySet<string>

/** Those its `join__field` directives name, where there is none all that have its type. */
export function fieldGraphs(supergraph: DocumentNode): FieldGraphs {
  const graphs = new Map<string, ReadonlySet<string>>()
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue
    const ofType = new Set(directivesOf(definition, 'join__type').flatMap((type) => graphOf(type) ?? []))
    for (const field of definition.fields ?? []) {
      const joins = directivesOf(field, 'join__field')
      const own = joins.filter((join) => !isTrue(join, 'external')).flatMap((join) => graphOf(join) ?? [])
      graphs.set(`${definition.name.value}.${field.name.value}`, joins.length === 0 ? ofType : new Set(own))
    }
  }
  const none = new Set<string>()
  return (typeName, fieldName) => graphs.get(`${typeName}.${fieldName}`) ?? none
}
