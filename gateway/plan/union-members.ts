/**
 * Unions of which subgraphs know different members. In: a supergraph. Out: the same for the planner, with every member without
 * a key in every subgraph that has the union, and which of them are not really there. It refuses to touch members with keys.
 *
 * The planner takes `... on Call { number }` for nothing on all ways as soon as one of them leads to a subgraph without `Call`.
 * With a `Call` there that has no `number`, it is that way alone which leads nowhere.
 */
import {
  Kind,
  visit,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type ObjectTypeDefinitionNode,
  type UnionTypeDefinitionNode,
} from 'graphql'
import { directivesOf, graphOf, joinDirective, stringArgument, withGraph } from './join-directives.js'

/** By `join__Graph` values, the types that only the planner believes to be there. */
export type AbsentTypes = ReadonlyMap<string, ReadonlySet<string>>

export function absentMembers(document: DocumentNode): AbsentTypes {
  const objects = new Map<string, ObjectTypeDefinitionNode>()
  for (const node of document.definitions)
    if (node.kind === Kind.OBJECT_TYPE_DEFINITION) objects.set(node.name.value, node)
  const absent = new Map<string, Set<string>>()
  for (const union of unionsOf(document)) {
    for (const graph of graphsOf(union)) {
      for (const name of membersOf(union)) {
        const type = objects.get(name)
        if (type === undefined || isEntity(type) || graphsOf(type).has(graph)) continue
        absent.set(graph, (absent.get(graph) ?? new Set()).add(name))
      }
    }
  }
  return absent
}

export function shareMembers(document: DocumentNode, absent: AbsentTypes): DocumentNode {
  if (absent.size === 0) return document
  return visit(document, {
    UnionTypeDefinition(union) {
      const added = [...graphsOf(union)].flatMap((graph) =>
        [...membersOf(union)]
          .filter((name) => absent.get(graph)?.has(name))
          .flatMap((name) => memberOf(union, name, graph)),
      )
      return added.length === 0 ? undefined : { ...union, directives: [...(union.directives ?? []), ...added] }
    },
    ObjectTypeDefinition(type) {
      const graphs = [...absent].flatMap(([graph, types]) => (types.has(type.name.value) ? [graph] : []))
      return graphs.length === 0 ? undefined : withoutFields(type, graphs)
    },
  })
}

function unionsOf({ definitions }: DocumentNode): UnionTypeDefinitionNode[] {
  return definitions.flatMap((node) => (node.kind === Kind.UNION_TYPE_DEFINITION ? [node] : []))
}

function membersOf(union: UnionTypeDefinitionNode): Set<string> {
  return new Set(union.types?.map(({ name }) => name.value))
}

/** The membership said of another subgraph, said of this one. */
function memberOf(union: UnionTypeDefinitionNode, name: string, graph: string): ConstDirectiveNode[] {
  const known = directivesOf(union, 'join__unionMember').find((one) => stringArgument(one, 'member') === name)
  return known === undefined ? [] : [withGraph(known, graph)]
}

function graphsOf(node: ObjectTypeDefinitionNode | UnionTypeDefinitionNode): Set<string> {
  return new Set(directivesOf(node, 'join__type').flatMap((type) => graphOf(type) ?? []))
}

function isEntity(type: ObjectTypeDefinitionNode): boolean {
  return directivesOf(type, 'join__type').some((directive) => stringArgument(directive, 'key') !== undefined)
}

/** The type as it is in more subgraphs, which have none of its fields but one that nobody can ask for. */
function withoutFields(type: ObjectTypeDefinitionNode, graphs: readonly string[]): ObjectTypeDefinitionNode {
  const own = [...graphsOf(type)].map((graph) => joinDirective('join__field', graph))
  const fields = (type.fields ?? []).map((field) =>
    directivesOf(field, 'join__field').length > 0
      ? field
      : { ...field, directives: [...(field.directives ?? []), ...own] },
  )
  const nothing: FieldDefinitionNode = {
    kind: Kind.FIELD_DEFINITION,
    name: { kind: Kind.NAME, value: '_absent' },
    type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: 'Boolean' } },
    directives: graphs.map((graph) => joinDirective('join__field', graph)),
  }
  const joined = graphs.map((graph) => joinDirective('join__type', graph))
  return { ...type, directives: [...(type.directives ?? []), ...joined], fields: [...fields, nothing] }
}
