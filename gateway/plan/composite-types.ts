import {
  Kind,
  type DocumentNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  type UnionTypeDefinitionNode,
} from 'graphql'

/** What a field set can be of, unions aside: they have no fields. */
export type CompositeNode = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode

export function compositeTypes(document: DocumentNode): Map<string, CompositeNode> {
  const types = new Map<string, CompositeNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION)
      types.set(definition.name.value, definition)
  }
  return types
}

export function fieldOf(
  types: ReadonlyMap<string, CompositeNode>,
  typeName: string,
  fieldName: string,
): FieldDefinitionNode | undefined {
  return types.get(typeName)?.fields?.find((field) => field.name.value === fieldName)
}

/** The type itself and, of an interface, what implements it; of a union, its members. */
export function narrowerTypes(
  document: DocumentNode,
  types: ReadonlyMap<string, CompositeNode>,
  typeName: string,
): CompositeNode[] {
  const union = document.definitions.find(
    (node): node is UnionTypeDefinitionNode => node.kind === Kind.UNION_TYPE_DEFINITION && node.name.value === typeName,
  )
  const members = new Set(union?.types?.map(({ name }) => name.value))
  return [...types.values()].filter(
    (type) =>
      type.name.value === typeName ||
      members.has(type.name.value) ||
      type.interfaces?.some(({ name }) => name.value === typeName),
  )
}
