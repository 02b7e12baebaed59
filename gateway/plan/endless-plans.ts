import {
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import { AppError } from '../../platform/errors/app-error.js'
import { directivesOf, graphOf, isTrue, stringArgument } from './join-directives.js'

/** Throws PLAN_NOT_FOUND for an operation the planner would never come to an end with. */
export type RefuseEndless = (document: DocumentNode) => void

/** Where an interface is an object, and its fields that require something there. */
interface InterfaceObjects {
  readonly graphs: ReadonlySet<string>
  /** By name: the graphs in which the field requires something. */
  readonly requiring: ReadonlyMap<string, ReadonlySet<string>>
}

/**
 * Where several subgraphs know an interface as an object, and one of them requires a field of it, the planner's graph of fetches
 * becomes a circle for `{ shelved { ... on Book { freight } } }`: `shelved` is of one of them, `freight` of another. It goes
 * round until memory is gone, which is not to be had for one operation. Null for a supergraph in which that can't be.
 */
export function createRefuseEndless(supergraph: DocumentNode, schema: GraphQLSchema): RefuseEndless | null {
  const perilous = interfaceObjectsOf(supergraph)
  if (perilous.size === 0) return null
  const graphsOf = createGraphsOf(supergraph)
  return (document) => {
    const fragments = new Map(
      document.definitions.flatMap((each) =>
        each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
      ),
    )
    const seen = new Set<string>()

    /** `from`: the field whose selection this is; null at the root. `type`: what the selection has narrowed it to. */
    const look = (set: SelectionSetNode, from: Origin | null, type: string): void => {
      for (const selection of set.selections) {
        if (selection.kind === Kind.FIELD) enter(selection, from, type)
        else if (selection.kind === Kind.INLINE_FRAGMENT)
          look(selection.selectionSet, from, selection.typeCondition?.name.value ?? type)
        else {
          const fragment = fragments.get(selection.name.value)
          const visit = `${selection.name.value} ${from?.key ?? ''}`
          if (fragment === undefined || seen.has(visit)) continue
          seen.add(visit) // a fragment spread a thousand times is looked at once a place
          look(fragment.selectionSet, from, fragment.typeCondition.name.value)
        }
      }
    }
    const enter = ({ name: { value: name }, selectionSet }: FieldNode, from: Origin | null, parent: string): void => {
      const objects = from === null ? undefined : perilous.get(from.type)
      const requiring = objects?.requiring.get(name)
      if (from && objects && requiring && parent !== from.type && isCircle(from.graphs, objects.graphs, requiring)) {
        throw new AppError('PLAN_NOT_FOUND', {
          message: `No plan can be made for ${name} of ${parent} alone here: ask for it of every ${from.type}.`,
        })
      }
      if (selectionSet === undefined) return
      const type = schema.getType(parent)
      const fields = isInterfaceType(type) || isObjectType(type) ? type.getFields() : {}
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined
      if (field === undefined) return
      const result = getNamedType(field.type).name
      look(selectionSet, { key: `${parent}.${name}`, type: result, graphs: graphsOf(parent, name) }, result)
    }

    for (const definition of document.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue
      look(definition.selectionSet, null, schema.getRootType(definition.operation)?.name ?? '')
    }
  }
}

/** A field on the way, and the graphs that may answer it. */
interface Origin {
  readonly key: string
  readonly type: string
  readonly graphs: ReadonlySet<string>
}

/** Whether the way may begin in one graph that has the object, and end in another. */
function isCircle(from: ReadonlySet<string>, objects: ReadonlySet<string>, requiring: ReadonlySet<string>): boolean {
  return [...from].some((graph) => objects.has(graph) && [...requiring].some((other) => other !== graph))
}

function interfaceObjectsOf(supergraph: DocumentNode): ReadonlyMap<string, InterfaceObjects> {
  const found = new Map<string, InterfaceObjects>()
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue
    const graphs = new Set(
      directivesOf(definition, 'join__type').flatMap((type) =>
        isTrue(type, 'isInterfaceObject') ? (graphOf(type) ?? []) : [],
      ),
    )
    const requiring = new Map<string, ReadonlySet<string>>()
    for (const field of definition.fields ?? []) {
      const where = requiringGraphs(field).filter((graph) => graphs.has(graph))
      if (where.length > 0) requiring.set(field.name.value, new Set(where))
    }
    if (graphs.size > 1 && requiring.size > 0) found.set(definition.name.value, { graphs, requiring })
  }
  return found
}

function requiringGraphs(field: FieldDefinitionNode): string[] {
  return directivesOf(field, 'join__field').flatMap((join) =>
    stringArgument(join, 'requires') === undefined ? [] : (graphOf(join) ?? []),
  )
}

/** Which graphs have a field: those its `join__field` names, where there is none all that have its type. */
function createGraphsOf(supergraph: DocumentNode): (type: string, field: string) => ReadonlySet<string> {
  const graphs = new Map<string, ReadonlySet<string>>()
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue
    const ofType = directivesOf(definition, 'join__type').flatMap((type) => graphOf(type) ?? [])
    for (const field of definition.fields ?? []) {
      const joins = directivesOf(field, 'join__field')
      const own = joins.flatMap((join) => graphOf(join) ?? [])
      graphs.set(`${definition.name.value}.${field.name.value}`, new Set(joins.length === 0 ? ofType : own))
    }
  }
  const none = new Set<string>()
  return (type, field) => graphs.get(`${type}.${field}`) ?? none
}
