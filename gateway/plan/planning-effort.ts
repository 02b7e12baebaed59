import {
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import { fieldGraphs } from './field-graphs.js'
import { interfaceObjectGraphs } from './interface-objects.js'

/** Whether the planner will be done with an operation in a few milliseconds: it may be wrong in both directions. */
export type IsQuick = (document: DocumentNode) => boolean

const MAXIMUM_WAYS = 150 // to all its fields together: a page of a product has 20 to 150 fields with one way to each
const MAXIMUM_PLANS = 16 // to choose among; the planner weighs up to 10,000, each in about a fifth of a millisecond

/**
 * The planner follows every way to a field there is, and then weighs every choice of one way for each field. A field of an
 * object that several subgraphs resolve multiplies the ways to all below it, and so does an interface that several know as an
 * object; a field of an abstract type may have to be asked of each of its types.
 */
export function createIsQuick(supergraph: DocumentNode, schema: GraphQLSchema): IsQuick {
  const graphsOf = fieldGraphs(supergraph)
  const objects = interfaceObjectGraphs(supergraph)
  return (document) => {
    const fragments = new Map<string, FragmentDefinitionNode>()
    for (const each of document.definitions)
      if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each)
    let all = 0
    let plans = 1
    /** False as soon as it is too much: fragments may be spread a million times. `ways`: to the object. */
    const look = (set: SelectionSetNode, typeName: string, ways: number): boolean => {
      const type = schema.getType(typeName)
      const fields = isInterfaceType(type) || isObjectType(type) ? type.getFields() : {}
      const types = isAbstractType(type) ? schema.getPossibleTypes(type).length : 1
      return set.selections.every((selection) => {
        if (selection.kind === Kind.FRAGMENT_SPREAD) {
          const fragment = fragments.get(selection.name.value)
          all += 1
          return fragment === undefined || look(fragment.selectionSet, fragment.typeCondition.name.value, ways)
        }
        if (selection.kind === Kind.INLINE_FRAGMENT) {
          all += 1
          return look(selection.selectionSet, selection.typeCondition?.name.value ?? typeName, ways)
        }
        const name = selection.name.value
        const graphs = graphsOf(typeName, name).size
        all += ways * (graphs > 1 ? types : 1)
        if (selection.selectionSet === undefined) plans *= ways
        if (all > MAXIMUM_WAYS || plans > MAXIMUM_PLANS) return false
        const field = Object.hasOwn(fields, name) ? fields[name] : undefined
        if (selection.selectionSet === undefined || field === undefined) return true
        const result = getNamedType(field.type).name
        return look(selection.selectionSet, result, ways * Math.max(graphs, objects.get(result)?.size ?? 1, 1))
      })
    }
    return document.definitions.every(
      (each) =>
        each.kind !== Kind.OPERATION_DEFINITION ||
        look(each.selectionSet, schema.getRootType(each.operation)?.name ?? '', 1),
    )
  }
}
