import { oneOf, type Draw } from './random-numbers.js'
import { isLeaf, type FieldModel, type GraphModel, type Requirement, type TypeModel } from './random-model.js'

const LITERALS: Readonly<Record<string, readonly string[]>> = {
  Int: ['2', '3'],
  Mood: ['GLAD', 'SAD'],
  'Mood!': ['SAD'],
  Boolean: ['true'],
}

/** Fields made of others, which are elsewhere; some of these are made of others themselves, but none of itself. */
export function addRequirements(model: GraphModel, draw: Draw): void {
  const count = 2 + draw(4)
  for (let index = 0; index < count; index += 1) {
    const type = oneOf(
      draw,
      [...model.types.values()].filter(({ kind, keys }) => kind !== 'value' && keys.size > 0),
    )
    // where several subgraphs know an interface as an object and one requires what another requires something for, there is no plan
    if (type?.kind === 'interfaceObject' && type.keys.size > 1) continue
    const subgraph = type && oneOf(draw, [...type.keys.keys()])
    if (type === undefined || subgraph === undefined) continue
    const candidates = fieldsOf(model, type).filter((field) => !field.subgraphs.has(subgraph))
    const requires: Requirement[] = []
    for (let tries = 1 + draw(1); tries > 0; tries -= 1) {
      const field = oneOf(draw, candidates)
      const requirement = field && requirementOf(model, field, subgraph, draw)
      if (requirement && !requires.some((other) => other.field.name === requirement.field.name))
        requires.push(requirement)
    }
    if (requires.length === 0) continue
    for (const { field, below } of requires) {
      mention(type, subgraph, field)
      const target = below === null ? undefined : model.types.get(field.base)
      if (below === null || target === undefined) continue
      if (!below.subgraphs.has(subgraph)) mention(target, subgraph, below)
    }
    const args = draw(3) === 0 && type.kind === 'entity' ? [{ name: 'x', type: 'Int' as const, standard: '1' }] : []
    type.fields.push({
      ...{ name: `made${index}`, owner: type.name, base: 'String', wrapping: '', args, choices: [], provides: null },
      ...{ subgraphs: new Set([subgraph]), requires, isShareable: false },
    })
  }
}

/** The type's own and, of a member of the interface, what interface objects add; of the interface, what it has in common. */
function fieldsOf({ types, abstracts, keyed }: GraphModel, type: TypeModel): FieldModel[] {
  if (keyed === null) return type.fields
  if (type.name === keyed.name) return [...type.fields, ...(abstracts.get(keyed.name)?.fields.get(keyed.home) ?? [])]
  return keyed.members.includes(type.name) ? [...type.fields, ...(types.get(keyed.name)?.fields ?? [])] : type.fields
}

function requirementOf({ types }: GraphModel, field: FieldModel, subgraph: string, draw: Draw): Requirement | null {
  const args = Object.fromEntries(
    field.args.flatMap(({ name, type }) => {
      const literal = draw(2) > 0 ? oneOf(draw, LITERALS[type] ?? []) : undefined
      return literal === undefined ? [] : [[name, literal]]
    }),
  )
  if (isLeaf(field.base)) return { field, args, below: null }
  const target = types.get(field.base)
  if (target === undefined || (target.kind !== 'entity' && target.kind !== 'value')) return null
  const key = target.keys.get(subgraph)
  if (target.kind === 'entity' && (key === undefined || key === 'code')) return null
  const below = oneOf(
    draw,
    target.fields.filter(({ base, args: other }) => isLeaf(base) && other.length === 0),
  )
  return below === undefined ? null : { field, args, below }
}

function mention(type: TypeModel, subgraph: string, field: FieldModel): void {
  type.externals.set(subgraph, (type.externals.get(subgraph) ?? new Set()).add(field))
}
