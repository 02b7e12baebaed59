/**
 * The supergraph as the planner is to see it. In: a composed supergraph. Out: the same, so written that the planner's known
 * faults do not show, and what a plan must be told to undo it. It refuses to change anything a client could see: only the
 * planner gets this text. The reasons: docs/adr/0006-correct-the-planner.md.
 */
import {
  Kind,
  print,
  visit,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import { compositeTypes, type CompositeNode } from './composite-types.js'
import { argument, graphOf, isFalse, parseFieldSet, pathsOf, stringArgument, withText } from './join-directives.js'
import { absentMembers, shareMembers, type AbsentTypes } from './union-members.js'
import { separateChains } from './required-chains.js'
import { createRequiredFields, type FieldCall } from './required-fields.js'

export interface PlannerSupergraph {
  /** SDL; null where the planner can take the supergraph as it is. */
  readonly sdl: string | null
  /** What the fields made up for the planner stand for. */
  readonly calls: ReadonlyMap<string, FieldCall>
  /** The subgraphs made up for the planner by name, each with the name of the real one. */
  readonly subgraphs: ReadonlyMap<string, string>
  /** What it says of subgraphs that is not so: their unions' members that others know. */
  readonly absent: AbsentTypes
  /** Whether anything in it requires anything: else plans are right as they are. */
  readonly isRequiring: boolean
  /** What a field requires in a subgraph; null for nothing. */
  requirementOf(subgraph: string, typeName: string, fieldName: string): SelectionSetNode | null
  /** `Type.field` and `Type.field.below` of every field in a key. */
  readonly keys: ReadonlySet<string>
  isInterface(typeName: string): boolean
  /** Whether an object can be of both types. */
  areRelated(typeName: string, otherName: string): boolean
  /** Field names that keys and requirements read from data. */
  readonly held: ReadonlySet<string>
}

export function createPlannerSupergraph(document: DocumentNode): PlannerSupergraph {
  const types = compositeTypes(document)
  const subgraphNames = subgraphNamesByGraph(document)
  const required = createRequiredFields(types)
  const requirements = new Map<string, SelectionSetNode | null>()
  const held = new Set(['__typename'])
  const keys = new Set<string>()
  let changed = false

  const rewriteRequires = (type: CompositeNode, field: FieldDefinitionNode, directive: ConstDirectiveNode) => {
    const contexts = argument(directive, 'contextArguments')
    if (contexts !== undefined) addFieldNames(print(contexts), held)
    const requires = stringArgument(directive, 'requires')
    if (requires === undefined) return directive
    const rewritten = required.rewrite(type.name.value, requires)
    addFieldNames(rewritten.fieldSet, held)
    const subgraph = subgraphNames.get(graphOf(directive) ?? '') ?? ''
    requirements.set(`${subgraph}.${type.name.value}.${field.name.value}`, parseFieldSet(rewritten.fieldSet))
    if (rewritten.made.length === 0) return directive
    changed = true
    return withText(directive, 'requires', rewritten.fieldSet)
  }

  const rewriteType = (type: CompositeNode) => {
    for (const directive of type.directives ?? []) {
      const key = stringArgument(directive, 'key') ?? ''
      addFieldNames(key, held)
      const set = key === '' ? null : parseFieldSet(key)
      for (const path of set === null ? [] : pathsOf(set, type.name.value)) keys.add(path)
    }
    const directives = resolvableFirst(type.directives ?? [])
    if (directives !== type.directives) changed = true
    const fields = type.fields?.map((field) => {
      const fieldDirectives = field.directives?.map((directive) => rewriteRequires(type, field, directive))
      return fieldDirectives === undefined ? field : { ...field, directives: fieldDirectives }
    })
    return { ...type, directives, ...(fields && { fields }) }
  }

  const rewritten = visit(document, { ObjectTypeDefinition: rewriteType, InterfaceTypeDefinition: rewriteType })
  const added = changed ? required.addTo(rewritten) : document
  const absent = absentMembers(document)
  const { document: separated, subgraphs } = separateChains(shareMembers(added, absent), subgraphNames)
  return {
    sdl: separated === document ? null : print(separated),
    subgraphs,
    absent,
    calls: required.calls,
    isRequiring: requirements.size > 0,
    requirementOf(subgraph, typeName, fieldName) {
      const real = required.calls.get(fieldName)?.fieldName ?? fieldName
      return requirements.get(`${subgraph}.${typeName}.${real}`) ?? null
    },
    isInterface: (typeName) => types.get(typeName)?.kind === Kind.INTERFACE_TYPE_DEFINITION,
    areRelated: (one, other) =>
      one === other || implementers(types, one).has(other) || implementers(types, other).has(one),
    held,
    keys,
  }
}

function implementers(types: ReadonlyMap<string, CompositeNode>, typeName: string): Set<string> {
  const all = [...types.values()].filter((type) => type.interfaces?.some(({ name }) => name.value === typeName))
  return new Set(all.map((type) => type.name.value))
}

/** `join__Graph` values to the names of subgraphs. */
function subgraphNamesByGraph(document: DocumentNode): Map<string, string> {
  const names = new Map<string, string>()
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue
    for (const value of definition.values ?? []) {
      const graph = value.directives?.find((directive) => directive.name.value === 'join__graph')
      if (graph !== undefined) names.set(value.name.value, stringArgument(graph, 'name') ?? '')
    }
  }
  return names
}

/** To come back to a type the planner takes the first key it finds, resolvable or not: the resolvable ones go first. */
function resolvableFirst(directives: readonly ConstDirectiveNode[]): readonly ConstDirectiveNode[] {
  const isLast = (directive: ConstDirectiveNode): boolean => isFalse(directive, 'resolvable')
  if (!directives.some(isLast)) return directives
  return [...directives.filter((directive) => !isLast(directive)), ...directives.filter(isLast)]
}

const NAME = /[_A-Za-z]\w*/g

/** Every name in it, those of types too: one more than needed does no harm. */
function addFieldNames(fieldSet: string, names: Set<string>): void {
  for (const [name] of fieldSet.matchAll(NAME)) names.add(name)
}
