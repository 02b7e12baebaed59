import {
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'
import type { Operation } from '../operation/operation.js'
import { EVERYTHING, type WrittenDown } from '../operation/written-down.js'
import type { AccessRules } from './access-rules.js'
import type { Requirement } from './requirement.js'

/** What one operation asks of its caller, found once. */
export interface OperationNeeds {
  /** Every field with requirements. A node has one parent type, wherever its fragment is spread. */
  readonly fields: ReadonlyMap<FieldNode, readonly Requirement[]>
  /** The requirements of all fields, each once. */
  readonly requirements: readonly Requirement[]
  /** The policies they name, each once. */
  readonly policies: readonly string[]
  readonly writtenDown: WrittenDown
}

/** Null for an operation that is open to everybody and has nothing sensitive. */
export function findNeeds(rules: AccessRules, schema: GraphQLSchema, operation: Operation): OperationNeeds | null {
  const fields = new Map<FieldNode, readonly Requirement[]>()
  const requirements = new Set<Requirement>()
  const visited = new Set<string>()
  let isSensitive = false
  let hasSecretText = false

  const walkField = (node: FieldNode, parent: GraphQLNamedType): void => {
    const name = node.name.value
    if (name.startsWith('__') || (!isObjectType(parent) && !isInterfaceType(parent))) return
    const access = rules.accessTo(parent.name, name)
    if (access !== null) {
      if (access.requirements.length > 0) fields.set(node, access.requirements)
      for (const requirement of access.requirements) requirements.add(requirement)
      const secrets = (node.arguments ?? []).filter(
        (argument) => access.sensitive || access.sensitiveArguments.has(argument.name.value),
      )
      isSensitive ||= access.sensitive || secrets.length > 0
      hasSecretText ||= secrets.some(({ value }) => isSpelledOut(value, operation))
    }
    const returned = parent.getFields()[name]?.type
    if (node.selectionSet !== undefined && returned !== undefined) walk(node.selectionSet, getNamedType(returned))
  }
  const walk = ({ selections }: SelectionSetNode, parent: GraphQLNamedType): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        walkField(selection, parent)
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, typeNamed(schema, selection.typeCondition?.name.value) ?? parent)
      } else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value)
        const fragment = operation.fragments.get(selection.name.value)
        const type = typeNamed(schema, fragment?.typeCondition.name.value)
        if (fragment !== undefined && type !== undefined) walk(fragment.selectionSet, type)
      }
    }
  }
  const root = schema.getRootType(operation.definition.operation)
  if (root) walk(operation.definition.selectionSet, root)
  if (requirements.size === 0 && !isSensitive) return null
  const policies = [...requirements].flatMap((one) => (one.kind === 'policies' ? one.anyOf.flat() : []))
  const writtenDown = isSensitive ? { inAddress: false, text: !hasSecretText, words: false } : EVERYTHING
  return { fields, requirements: [...requirements], policies: [...new Set(policies)], writtenDown }
}

/** Whether something of a value stands in the document: in its place, or as the default of a variable. */
function isSpelledOut(value: ValueNode, operation: Operation): boolean {
  switch (value.kind) {
    case Kind.VARIABLE: {
      const name = value.name.value
      const { variableDefinitions = [] } = operation.definition
      return variableDefinitions.some(
        ({ variable, defaultValue }) => variable.name.value === name && defaultValue !== undefined,
      )
    }
    case Kind.LIST:
      return value.values.some((item) => isSpelledOut(item, operation))
    case Kind.OBJECT:
      return value.fields.some((field) => isSpelledOut(field.value, operation))
    default:
      return value.kind !== Kind.NULL
  }
}

function typeNamed(schema: GraphQLSchema, name: string | undefined): GraphQLNamedType | undefined {
  return name === undefined ? undefined : schema.getType(name)
}
