import { oneOf, type Draw } from './random-numbers.js'
import { addRequirements } from './add-requirements.js'
import {
  isLeaf,
  LEAVES,
  type AbstractModel,
  type ArgumentModel,
  type FieldModel,
  type GraphModel,
  type Keys,
  type TypeModel,
  type Wrapping,
} from './random-model.js'

const ARGUMENTS: readonly (readonly ArgumentModel[])[] = [
  [{ name: 'x', type: 'Int', standard: '1' }],
  [{ name: 'x', type: 'Int', standard: null }],
  [
    { name: 'mood', type: 'Mood!', standard: 'GLAD' },
    { name: 'is', type: 'Boolean', standard: null },
  ],
]
const WRAPPINGS: readonly [Wrapping, ...Wrapping[]] = ['', '', '!', '[]', '[!]!', '[[!]!]!']

/** A model that composes: every subgraph that knows an entity can be asked for it. */
export function createModel(draw: Draw): GraphModel {
  const subgraphs = Array.from({ length: 2 + draw(2) }, (_, index) => `s${index}`)
  const types = new Map<string, TypeModel>()
  const count = 2 + draw(2)
  for (let index = 0; index < count; index += 1) addEntity(types, `E${index}`, subgraphs, draw)
  types.set('V', {
    name: 'V',
    kind: 'value',
    keys: new Map(subgraphs.map((name) => [name, 'id'])),
    fields: [],
    externals: new Map(),
  })
  const keyed = draw(9) < 6 ? addKeyed(types, subgraphs, draw) : null
  const model: GraphModel = { subgraphs, types, abstracts: new Map(), keyed, queries: [], mutations: [] }
  addLeaves(model, draw)
  if (keyed !== null) addKeyedInterface(model, keyed)
  if (draw(9) < 7) addInterface(model, draw)
  if (draw(9) < 7) addUnion(model, draw)
  addReferences(model, draw)
  addRequirements(model, draw)
  addRoots(model, draw)
  return model
}

function addEntity(types: Map<string, TypeModel>, name: string, subgraphs: readonly string[], draw: Draw): void {
  const home = draw(subgraphs.length - 1)
  const hasCode = draw(9) < 3 && name !== 'E0'
  const keys = new Map<string, Keys>()
  subgraphs.forEach((subgraph, index) => {
    if (index === home) keys.set(subgraph, hasCode ? 'both' : 'id')
    // E0 is everywhere: values of shared types refer to it
    else if (name === 'E0' || draw(9) < 6) keys.set(subgraph, hasCode ? oneOf(draw, ['id', 'code', 'both']) : 'id')
  })
  types.set(name, { name, kind: 'entity', keys, fields: [], externals: new Map() })
}

/** One subgraph has the interface with all its members; others know it as an object, or single members by themselves. */
function addKeyed(types: Map<string, TypeModel>, subgraphs: readonly string[], draw: Draw): GraphModel['keyed'] {
  const [home = '', ...others] = draw(1) === 0 ? subgraphs : [...subgraphs].reverse()
  const members = Array.from({ length: 2 + draw(1) }, (_, index) => `P${index}`)
  const byObject = others.filter(() => draw(2) > 0)
  for (const name of members) {
    const elsewhere = others.filter((subgraph) => !byObject.includes(subgraph) && draw(2) > 0)
    const keys = new Map([home, ...elsewhere].map((subgraph): [string, Keys] => [subgraph, 'id']))
    types.set(name, { name, kind: 'entity', keys, fields: [], externals: new Map() })
  }
  const keys = new Map(byObject.map((subgraph): [string, Keys] => [subgraph, 'id']))
  types.set('P', { name: 'P', kind: 'interfaceObject', keys, fields: [], externals: new Map() })
  return { name: 'P', home, members }
}

function newField(
  owner: string,
  name: string,
  base: string,
  more: Partial<FieldModel> & { subgraphs: Set<string> },
): FieldModel {
  const plain = { wrapping: '' as Wrapping, args: [], choices: [], requires: null, provides: null }
  return { ...plain, owner, name, base, isShareable: more.subgraphs.size > 1, ...more }
}

function addLeaves(model: GraphModel, draw: Draw): void {
  for (const type of model.types.values()) {
    const known = [...type.keys.keys()]
    if (known.length === 0) continue
    const count = type.kind === 'value' ? 2 : 2 + draw(2)
    for (let index = 0; index < count; index += 1) {
      const owners =
        type.kind === 'value' ? known : [oneOf(draw, known), ...(draw(4) === 0 ? [oneOf(draw, known)] : [])]
      const subgraphs = new Set(owners.filter((owner) => owner !== undefined))
      // what interface objects add has none: the composition does not give them to every member
      const args = draw(9) < 3 && type.kind === 'entity' ? (oneOf(draw, ARGUMENTS) ?? []) : []
      const wrapping = oneOf<Wrapping>(draw, ['', '', '', '!', '[!]!'])
      type.fields.push(
        newField(type.name, `${type.name.toLowerCase()}${index}`, oneOf(draw, LEAVES), { subgraphs, args, wrapping }),
      )
    }
  }
}

/** The interface's own fields: what its home resolves for every member. */
function addKeyedInterface(
  { types, abstracts }: GraphModel,
  { name, home, members }: NonNullable<GraphModel['keyed']>,
): void {
  const fields = ['common', 'shared'].map((field) => newField(name, field, 'String', { subgraphs: new Set([home]) }))
  for (const member of members) types.get(member)?.fields.push(...fields)
  abstracts.set(name, {
    name,
    kind: 'interface',
    members: new Map([[home, members]]),
    fields: new Map([[home, fields]]),
  })
}

function addInterface({ subgraphs, types, abstracts }: GraphModel, draw: Draw): void {
  const candidates = [...types.values()].filter(
    ({ kind, keys }) => kind === 'entity' && ![...keys.values()].includes('code'),
  )
  // not those of the interface with a key: the planner fails at one interface within another that is an object elsewhere
  const chosen = candidates.filter(({ name }) => name.startsWith('E'))
  const label = new Map<string, FieldModel>()
  for (const type of chosen) {
    const owner = oneOf(draw, [...type.keys.keys()])
    if (owner === undefined) continue
    const field = newField(type.name, 'label', 'String', { subgraphs: new Set([owner]) })
    type.fields.push(field)
    label.set(type.name, field)
  }
  const abstract: AbstractModel = { name: 'N', kind: 'interface', members: new Map(), fields: new Map() }
  for (const subgraph of subgraphs) {
    const members = chosen.filter(({ keys }) => keys.has(subgraph)).map(({ name }) => name)
    if (members.length === 0 || draw(9) < 3) continue
    const labels = members.flatMap((name) => label.get(name) ?? [])
    const isCommon = labels.every((field) => field.subgraphs.has(subgraph))
    abstract.members.set(subgraph, members)
    abstract.fields.set(subgraph, isCommon ? labels.slice(0, 1) : [])
  }
  if (abstract.members.size > 0) abstracts.set('N', abstract)
}

function addUnion({ subgraphs, types, abstracts }: GraphModel, draw: Draw): void {
  const union: AbstractModel = { name: 'U', kind: 'union', members: new Map(), fields: new Map() }
  for (const subgraph of subgraphs) {
    const known = [...types.values()].filter(({ kind, keys }) => kind === 'entity' && keys.has(subgraph))
    const members = known.filter(() => draw(9) < 7).map(({ name }) => name)
    if (members.length > 0) union.members.set(subgraph, members)
  }
  if (union.members.size > 0) abstracts.set('U', union)
}

/** What a subgraph can answer with: a type's name and the object types that stand for it there. */
function targetsIn({ types, abstracts, keyed }: GraphModel, subgraph: string): [string, readonly string[]][] {
  const known = [...types.values()].filter(({ keys, kind }) => keys.has(subgraph) && kind !== 'interfaceObject')
  const targets = known.map(({ name }): [string, readonly string[]] => [name, [name]])
  for (const { name, members } of abstracts.values()) {
    const here = members.get(subgraph)
    if (here !== undefined) targets.push([name, here])
  }
  if (keyed !== null && types.get(keyed.name)?.keys.has(subgraph)) targets.push([keyed.name, keyed.members])
  return targets
}

function addReferences(model: GraphModel, draw: Draw): void {
  for (const type of model.types.values()) {
    const known = [...type.keys.keys()]
    const count = type.kind === 'value' ? 1 : draw(2)
    for (let index = 0; index < count && known.length > 0; index += 1) {
      const owner = oneOf(draw, known) ?? ''
      const [base, choices] =
        type.kind === 'value' ? (['E0', ['E0']] as const) : (oneOf(draw, targetsIn(model, owner)) ?? ['V', ['V']])
      const subgraphs = new Set(type.kind === 'value' ? known : [owner])
      const field = newField(type.name, `to${base}${type.name}${index}`, base, {
        subgraphs,
        choices,
        wrapping: oneOf(draw, WRAPPINGS),
      })
      type.fields.push(field)
      if (type.kind !== 'value' && draw(2) === 0) addProvided(model, field, owner, draw)
    }
  }
}

function addProvided({ types }: GraphModel, field: FieldModel, owner: string, draw: Draw): void {
  const target = types.get(field.base)
  if (target?.kind !== 'entity') return
  const candidates = target.fields.filter(
    ({ base, args, subgraphs }) => isLeaf(base) && args.length === 0 && !subgraphs.has(owner),
  )
  const provided = oneOf(
    draw,
    candidates.filter(({ name }) => name !== 'label' && name !== 'common' && name !== 'shared'),
  )
  if (provided === undefined) return
  provided.isShareable = true
  field.provides = provided.name
  target.externals.set(owner, (target.externals.get(owner) ?? new Set()).add(provided))
}

function addRoots(model: GraphModel, draw: Draw): void {
  for (const subgraph of model.subgraphs) {
    const subgraphs = new Set([subgraph])
    const count = 1 + draw(2)
    for (let index = 0; index < count; index += 1) {
      const [base, choices] = oneOf(draw, targetsIn(model, subgraph)) ?? ['V', ['V']]
      const args = draw(3) === 0 ? (oneOf(draw, ARGUMENTS) ?? []) : []
      model.queries.push(
        newField('Query', `${subgraph}q${index}`, base, { subgraphs, choices, args, wrapping: oneOf(draw, WRAPPINGS) }),
      )
    }
    if (draw(9) < 4) continue
    const [base, choices] = oneOf(draw, targetsIn(model, subgraph)) ?? ['V', ['V']]
    model.mutations.push(newField('Mutation', `${subgraph}m`, base, { subgraphs, choices, args: ARGUMENTS[0] ?? [] }))
  }
  if (draw(1) === 0)
    model.queries.push(
      newField('Query', 'everywhere', 'E0', {
        subgraphs: new Set(model.subgraphs),
        choices: ['E0'],
        wrapping: oneOf(draw, WRAPPINGS),
      }),
    )
}
