import {
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
} from 'graphql'
import { AppError } from '../../platform/errors/app-error.js'
import { argument, directivesOf, graphOf, stringArgument } from './join-directives.js'

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
    const info = new TypeInfo(schema)
    /** The graphs that may answer each field on the way down. */
    const way: { readonly type: string; readonly graphs: ReadonlySet<string> }[] = []
    visit(
      document,
      visitWithTypeInfo(info, {
        Field: {
          enter(node) {
            const parent = info.getParentType()?.name ?? ''
            const from = way.at(-1)
            const objects = from && perilous.get(from.type)
            const requiring = objects?.requiring.get(node.name.value)
            if (
              from &&
              objects &&
              requiring &&
              parent !== from.type &&
              isCircle(from.graphs, objects.graphs, requiring)
            )
              throw new AppError('PLAN_NOT_FOUND', {
                message: `No plan can be made for ${node.name.value} of ${parent} alone here: ask for it of every ${from.type}.`,
              })
            const type = getNamedType(info.getType())
            const name = isInterfaceType(type) || isObjectType(type) ? type.name : ''
            way.push({ type: name, graphs: graphsOf(parent, node.name.value) })
          },
          leave: () => void way.pop(),
        },
      }),
    )
  }
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
      directivesOf(definition, 'join__type').flatMap((type) => (isTrue(type) ? (graphOf(type) ?? []) : [])),
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

function isTrue(type: Parameters<typeof argument>[0]): boolean {
  const value = argument(type, 'isInterfaceObject')?.value
  return value?.kind === Kind.BOOLEAN && value.value
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
