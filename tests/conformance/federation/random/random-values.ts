/** The data of a random graph: a value is what its place says, the same whichever subgraph is asked for it. */
import { isObjectType, type GraphQLFieldResolver } from 'graphql'
import { hashOf } from './random-numbers.js'
import { isLeaf, type FieldModel, type GraphModel, type Requirement, type Wrapping } from './random-model.js'

/** One run of one operation. */
export interface RandomContext {
  readonly seed: number
  /** How many mutations have been made so far: their results depend on their order. */
  count: number
  /** Whether what is required is looked up; else it must have been sent. */
  readonly isWhole: boolean
}

type Values = Readonly<Record<string | symbol, unknown>>

const IDS = 4
/** Under it an object has the name of what the field it came by provides. */
const PROVIDED = Symbol('provided')
const NULLS = 0.15

export function createResolver(model: GraphModel): GraphQLFieldResolver<unknown, RandomContext, Values> {
  const fields = new Map<string, FieldModel>()
  for (const type of model.types.values())
    for (const field of type.fields) fields.set(`${type.name}.${field.name}`, field)
  for (const field of model.queries) fields.set(`Query.${field.name}`, field)
  for (const field of model.mutations) fields.set(`Mutation.${field.name}`, field)
  const fieldOf = (typeName: string, name: string): FieldModel => {
    const field = fields.get(`${typeName}.${name}`) ?? fields.get(`${model.keyed?.name ?? ''}.${name}`)
    if (field === undefined) throw new Error(`There is no field ${typeName}.${name}.`)
    return field
  }

  const resolve = (field: FieldModel, source: Values, args: Values, context: RandomContext): unknown => {
    const place = `${context.seed} ${field.owner} ${identityOf(source)} ${field.name} ${JSON.stringify(sorted(args))}`
    if (field.requires === null) return valueAt(place, field)
    const read = field.requires.map((requirement) => requiredValue(requirement, source, context))
    return `${field.name}${JSON.stringify(sorted(args))} of ${JSON.stringify(read)}`
  }
  const requiredValue = ({ field, args, below }: Requirement, source: Values, context: RandomContext): unknown => {
    const isKnown = context.isWhole || source[PROVIDED] === field.name
    const value = isKnown ? resolve(field, source, givenArgs(field, args), context) : source[field.name]
    if (value === undefined) throw new Error(`${field.name} was not sent.`)
    return below === null
      ? value
      : mapped(value, (one) => requiredValue({ field: below, args: {}, below: null }, one, context))
  }

  return (source, args, context, { parentType, fieldName }) => {
    const object = isValues(source) ? source : {}
    if (fieldName === 'id') return identityOf(object)
    if (fieldName === 'code') return `code-${identityOf(object)}`
    if (parentType.name === 'Mutation') context.count += 1
    const from = parentType.name === 'Mutation' ? { id: String(context.count) } : object
    if (!isObjectType(parentType)) throw new Error('Fields are of objects.')
    return resolve(fieldOf(parentType.name, fieldName), from, args, context)
  }
}

/** The type an id is of. */
export function typeOfId(id: unknown): string {
  return String(id).split('-', 1)[0] ?? ''
}

function valueAt(place: string, field: FieldModel, wrapping: Wrapping = field.wrapping): unknown {
  const hash = hashOf(`${place} ${wrapping}`)
  const isNullable = wrapping === '' || wrapping === '[]'
  if (isNullable && hash % 1000 < NULLS * 1000) return null
  const inner: Partial<Record<Wrapping, Wrapping>> = { '[]': '', '[!]!': '!', '[[!]!]!': '[!]!' }
  const below = inner[wrapping]
  if (below === undefined) return single(place, hash, field)
  return Array.from({ length: hash % 4 }, (_, index) => valueAt(`${place} ${index}`, field, below))
}

function single(place: string, hash: number, { base, choices, name, provides }: FieldModel): unknown {
  if (base === 'Int') return hash % 100
  if (base === 'Boolean') return hash % 2 === 0
  if (base === 'Mood') return hash % 2 === 0 ? 'GLAD' : 'SAD'
  if (isLeaf(base)) return `${name} ${hash % 1000}`
  const typeName = choices[hash % choices.length] ?? base
  // a value has no id to be found by: what it is depends on where it is
  const id = typeName.startsWith('V') ? place : `${typeName}-${Math.floor(hash / 8) % IDS}`
  return { __typename: typeName, id, [PROVIDED]: provides }
}

function identityOf(source: Values): string {
  if (typeof source['id'] === 'string') return source['id']
  const { code } = source
  return typeof code === 'string' ? code.slice('code-'.length) : ''
}

function givenArgs(field: FieldModel, args: Readonly<Record<string, string>>): Values {
  const given = field.args.flatMap(({ name, standard }): [string, unknown][] => {
    const text = args[name] ?? standard
    return text === null ? [] : [[name, /^[A-Z]/.test(text) ? text : JSON.parse(text)]]
  })
  return Object.fromEntries(given)
}

function sorted(args: Values): Values {
  return Object.fromEntries(Object.entries(args).sort(([one], [other]) => (one < other ? -1 : 1)))
}

function mapped(value: unknown, map: (one: Values) => unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => mapped(one, map))
  return isValues(value) ? map(value) : value
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null
}
