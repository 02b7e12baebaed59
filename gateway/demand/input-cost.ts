import {
  getNamedType,
  isInputObjectType,
  Kind,
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  type ValueNode,
} from 'graphql'
import { isDataObject } from '../data-object.js'
import type { CostRules } from './cost-rules.js'

/** What a slicing argument says of the size of a list. */
export interface Slice {
  /** In the operation itself, not by a default of the schema. */
  readonly isGiven: boolean
  readonly size: number | null
}

/** Reads arguments for their cost. Those without a weight are not looked at, nor are their variables. */
export interface InputReader {
  costOfArguments(node: FieldNode, field: GraphQLField<unknown, unknown>, typeName: string): number
  slice(node: FieldNode, field: GraphQLField<unknown, unknown>, argument: string): Slice
  sawVariable(): boolean
}

export function createInputReader(rules: CostRules, variables: Readonly<Record<string, unknown>>): InputReader {
  let sawVariable = false

  const valueOf = (node: ValueNode): unknown => {
    switch (node.kind) {
      case Kind.VARIABLE:
        sawVariable = true
        return Object.hasOwn(variables, node.name.value) ? variables[node.name.value] : undefined
      case Kind.LIST:
        return node.values.map(valueOf)
      case Kind.OBJECT:
        return Object.fromEntries(node.fields.map((field) => [field.name.value, valueOf(field.value)]))
      case Kind.NULL:
        return null
      case Kind.INT:
        return Number(node.value)
      default:
        return node.value
    }
  }
  const costOf = (type: GraphQLInputType, value: unknown, weight: number | null): number => {
    if (value === undefined || value === null) return 0
    if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + costOf(type, item, weight), 0)
    const named = getNamedType(type)
    if (!isInputObjectType(named) || !isDataObject(value)) return weight ?? rules.typeWeight(named.name) ?? 0
    let cost = weight ?? 1
    for (const field of Object.values(named.getFields())) {
      cost += costOf(field.type, value[field.name], rules.inputFieldWeight(named.name, field.name))
    }
    return cost
  }
  return {
    sawVariable: () => sawVariable,
    costOfArguments(node, field, typeName) {
      let cost = 0
      for (const argument of field.args) {
        const given = node.arguments?.find(({ name }) => name.value === argument.name)
        if (given === undefined) continue
        const weight = rules.argumentWeight(typeName, field.name, argument.name)
        const named = getNamedType(argument.type)
        if (weight === null && !isInputObjectType(named) && rules.typeWeight(named.name) === null) continue
        cost += costOf(argument.type, valueOf(given.value), weight)
      }
      return cost
    },
    slice(node, field, name) {
      const argument = node.arguments?.find((candidate) => candidate.name.value === name)
      const given = argument === undefined ? undefined : valueOf(argument.value)
      if (typeof given === 'number') return { isGiven: true, size: given }
      const preset = field.args.find((candidate) => candidate.name === name)?.defaultValue
      return { isGiven: false, size: typeof preset === 'number' ? preset : null }
    },
  }
}
