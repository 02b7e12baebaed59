import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  OperationTypeNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { Operation } from '../operation/operation.js'
import type { CostRules, ListSize } from './cost-rules.js'
import { createInputReader, type InputReader } from './input-cost.js'

/** What an operation is estimated to cost before anything of it is run. */
export interface OperationCost {
  readonly cost: number
  /** Fields that must have exactly one slicing argument and have not, with the arguments to choose from. */
  readonly unsliced: readonly { readonly field: string; readonly choices: readonly string[] }[]
  /** It is the same for all variables. */
  readonly isConstant: boolean
}

export interface CostContext {
  readonly schema: GraphQLSchema
  readonly rules: CostRules
  /** Items of a list of which nothing says how long it is. */
  readonly assumedListSize: number
}

const MUTATION_COST = 10 // as the specification's and the peers' default: writing is dearer than reading

/**
 * A list counts as often as its size; an object costs 1, a leaf nothing, or their `@cost`; of types that exclude each other
 * the dearest counts. A fragment is counted each time it is spread, and computed once: a document of a kilobyte that
 * comes to a million fields costs microseconds. `@skip` and `@include` are taken as if everything was in.
 */
export function computeCost(
  context: CostContext,
  operation: Operation,
  variables: Readonly<Record<string, unknown>>,
): OperationCost {
  const root = context.schema.getRootType(operation.definition.operation)
  if (!root) return { cost: 0, unsliced: [], isConstant: true }
  const inputs = createInputReader(context.rules, variables)
  const walk = new CostWalk(context, operation, inputs)
  const base = operation.definition.operation === OperationTypeNode.MUTATION ? MUTATION_COST : 0
  const cost = base + walk.costOfSet(operation.definition.selectionSet, root, null)
  return { cost, unsliced: [...walk.unsliced.values()], isConstant: !inputs.sawVariable() }
}

/** A size that a field gives to lists below it. */
interface Sizing {
  readonly fields: readonly string[]
  readonly size: number
}

class CostWalk {
  readonly unsliced = new Map<string, { field: string; choices: readonly string[] }>()
  readonly #context: CostContext
  readonly #operation: Operation
  readonly #inputs: InputReader
  readonly #fragments = new Map<string, number>()

  constructor(context: CostContext, operation: Operation, inputs: InputReader) {
    this.#context = context
    this.#operation = operation
    this.#inputs = inputs
  }

  costOfSet({ selections }: SelectionSetNode, parent: GraphQLNamedType, sizing: Sizing | null): number {
    let shared = 0
    const byType = new Map<string, number>() // object types exclude each other
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        shared += this.#costOfField(selection, parent, sizing)
        continue
      }
      const type = this.#conditionOf(selection) ?? parent
      const cost = this.#costOfFragment(selection, type, sizing)
      if (type !== parent && isObjectType(type)) byType.set(type.name, (byType.get(type.name) ?? 0) + cost)
      else shared += cost
    }
    return shared + Math.max(0, ...byType.values())
  }

  #conditionOf(selection: Exclude<SelectionNode, FieldNode>): GraphQLNamedType | undefined {
    const condition =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection.typeCondition
        : this.#operation.fragments.get(selection.name.value)?.typeCondition
    return condition && this.#context.schema.getType(condition.name.value)
  }

  #costOfFragment(selection: Exclude<SelectionNode, FieldNode>, type: GraphQLNamedType, sizing: Sizing | null): number {
    if (selection.kind === Kind.INLINE_FRAGMENT) return this.costOfSet(selection.selectionSet, type, sizing)
    const name = selection.name.value
    const key = sizing === null ? name : `${name} ${sizing.size} ${sizing.fields.join()}`
    const known = this.#fragments.get(key)
    if (known !== undefined) return known
    const fragment = this.#operation.fragments.get(name)
    const cost = fragment === undefined ? 0 : this.costOfSet(fragment.selectionSet, type, sizing)
    this.#fragments.set(key, cost)
    return cost
  }

  #costOfField(node: FieldNode, parent: GraphQLNamedType, sizing: Sizing | null): number {
    const name = node.name.value
    if (name.startsWith('__') || (!isObjectType(parent) && !isInterfaceType(parent))) return 0
    const field = parent.getFields()[name]
    if (field === undefined) return 0
    const { rules, assumedListSize } = this.#context
    const returned = getNamedType(field.type)
    const rule = rules.listSize(parent.name, name)
    const size = rule === null ? null : this.#sizeOf(node, field, `${parent.name}.${name}`, rule)
    const below: Sizing | null =
      rule && size !== null && rule.sizedFields.length > 0 ? { fields: rule.sizedFields, size } : null
    let count = 1
    if (isListType(getNullableType(field.type))) {
      if (size !== null && below === null) count = size
      else count = sizing?.fields.includes(name) === true ? sizing.size : assumedListSize
    }
    const own = rules.fieldWeight(parent.name, name) ?? this.#weightOf(returned)
    const inside = node.selectionSet === undefined ? 0 : this.costOfSet(node.selectionSet, returned, below)
    return count * Math.max(0, own + inside) + this.#inputs.costOfArguments(node, field, parent.name)
  }

  /** Of an abstract type the dearest it can turn out to be: not all abstract types can carry a weight. */
  #weightOf(type: GraphQLNamedType): number {
    const { rules, schema } = this.#context
    const own = rules.typeWeight(type.name)
    if (own !== null) return own
    if (isAbstractType(type)) return Math.max(1, ...schema.getPossibleTypes(type).map((one) => this.#weightOf(one)))
    return isObjectType(type) ? 1 : 0
  }

  #sizeOf(node: FieldNode, field: GraphQLField<unknown, unknown>, label: string, rule: ListSize): number {
    const slices = rule.slicingArguments.map((name) => this.#inputs.slice(node, field, name))
    const given = slices.filter((slice) => slice.isGiven)
    const sizes = (given.length > 0 ? given : slices).flatMap(({ size }) => (size === null ? [] : [size]))
    const isMissing = given.length === 0 && sizes.length === 0
    if (rule.requireOneSlicingArgument && slices.length > 0 && (isMissing || given.length > 1)) {
      this.unsliced.set(label, { field: label, choices: rule.slicingArguments })
    }
    if (sizes.length > 0) return Math.max(0, ...sizes)
    return rule.assumedSize ?? this.#context.assumedListSize
  }
}
