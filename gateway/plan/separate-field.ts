import {
  Kind,
  visit,
  type ConstDirectiveNode,
  type DocumentNode,
  type EnumTypeDefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  type TypeDefinitionNode,
} from 'graphql'
import { directivesOf, graphOf, joinDirective, withGraph, withOnly, withValue } from './join-directives.js'
import { subgraphPart, typesOf, type ResolvedField, type SubgraphPart } from './subgraph-part.js'

/** A subgraph as `join__Graph` and as plans call it. */
export interface GraphName {
  readonly value: string
  readonly name: string
}

interface Move {
  readonly field: ResolvedField
  readonly part: SubgraphPart
  readonly to: GraphName
}

/**
 * A supergraph in which a field is no longer resolved where it was but in a subgraph of its own, which knows the field's
 * type by the same keys and holds as much of the old subgraph as there is below the field.
 */
export function separateField(document: DocumentNode, field: ResolvedField, to: GraphName): DocumentNode {
  const move = { field, part: subgraphPart(document, field), to }
  return visit(document, {
    ObjectTypeDefinition: (type) => joinType(withFields(type, move), move),
    InterfaceTypeDefinition: (type) => joinType(withFields(type, move), move),
    InputObjectTypeDefinition: (type) => joinType(withFields(type, move), move),
    UnionTypeDefinition: (type) => joinType(type, move),
    ScalarTypeDefinition: (type) => joinType(type, move),
    EnumTypeDefinition: (type) => (type.name.value === 'join__Graph' ? withSubgraph(type, move) : joinEnum(type, move)),
  })
}

/** What the subgraph says of the type, said for the new one too, as far as it goes. */
function joinType<T extends TypeDefinitionNode>(type: T, { field, part, to }: Move): T {
  const name = type.name.value
  const types = typesOf(type, field.graph)
  if (types.length === 0 || !part.types.has(name)) return type
  const joined = part.entities.has(name)
    ? types.map((one) => withGraph(one, to.value))
    : [joinDirective('join__type', to.value)]
  const members = [...directivesOf(type, 'join__implements'), ...directivesOf(type, 'join__unionMember')].filter(
    (directive) => graphOf(directive) === field.graph && namesIn(directive).every((one) => part.types.has(one)),
  )
  const added = [...joined, ...members.map((directive) => withGraph(directive, to.value))]
  return { ...type, directives: [...(type.directives ?? []), ...added] }
}

function namesIn(directive: ConstDirectiveNode): string[] {
  return (directive.arguments ?? []).flatMap(({ value }) => (value.kind === Kind.STRING ? [value.value] : []))
}

function withFields<
  T extends TypeDefinitionNode & { readonly fields?: readonly (FieldDefinitionNode | InputValueDefinitionNode)[] },
>(type: T, move: Move): T {
  if (type.fields === undefined || typesOf(type, move.field.graph).length === 0) return type
  return { ...type, fields: type.fields.map((field) => joinField(type, field, move)) }
}

function joinField(
  type: TypeDefinitionNode,
  node: FieldDefinitionNode | InputValueDefinitionNode,
  { field, part, to }: Move,
): FieldDefinitionNode | InputValueDefinitionNode {
  const name = type.name.value
  const isIn = node.kind === Kind.INPUT_VALUE_DEFINITION ? part.types.has(name) : part.isIn(name, node.name.value)
  const joined = directivesOf(node, 'join__field')
  if (joined.length === 0) {
    if (isIn || !part.types.has(name)) return node
    // it names no subgraph because it is in all of them, which it is no longer
    const graphs = new Set(directivesOf(type, 'join__type').map(graphOf))
    const named = [...graphs].flatMap((graph) => (graph === null ? [] : [joinDirective('join__field', graph)]))
    return { ...node, directives: [...(node.directives ?? []), ...named] }
  }
  const isMoved = name === field.typeName && node.name.value === field.fieldName
  const here = joined.filter((directive) => graphOf(directive) === field.graph)
  const left = isMoved
    ? (node.directives ?? []).map((one) => (here.includes(one) ? asExternal(one) : one))
    : node.directives
  const added = isIn ? here.map((directive) => withGraph(directive, to.value)) : []
  return { ...node, directives: [...(left ?? []), ...added] }
}

function asExternal(directive: ConstDirectiveNode): ConstDirectiveNode {
  return withValue(withOnly(directive, ['graph', 'type']), 'external', { kind: Kind.BOOLEAN, value: true })
}

function joinEnum(type: EnumTypeDefinitionNode, move: Move): EnumTypeDefinitionNode {
  const { field, part, to } = move
  if (!part.types.has(type.name.value)) return type
  const values = type.values?.map((value) => {
    const here = directivesOf(value, 'join__enumValue').filter((directive) => graphOf(directive) === field.graph)
    return { ...value, directives: [...(value.directives ?? []), ...here.map((one) => withGraph(one, to.value))] }
  })
  return { ...joinType(type, move), ...(values && { values }) }
}

function withSubgraph(type: EnumTypeDefinitionNode, { field, to }: Move): EnumTypeDefinitionNode {
  const real = type.values?.find((value) => value.name.value === field.graph)
  const graph = real && directivesOf(real, 'join__graph')[0]
  if (real === undefined || graph === undefined) return type
  const renamed = withValue(graph, 'name', { kind: Kind.STRING, value: to.name, block: false })
  const made = { ...real, name: { kind: Kind.NAME, value: to.value } as const, directives: [renamed] }
  return { ...type, values: [...(type.values ?? []), made] }
}
