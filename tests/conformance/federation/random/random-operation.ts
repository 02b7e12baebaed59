/** Operations at random over a schema: fields, aliases, arguments, fragments, conditions and variables as clients write them. */
import {
  getNamedType,
  isCompositeType,
  isEnumType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql'
import { oneOf, type Draw } from './random-numbers.js'

export interface RandomOperation {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
}

/** Aliases likely to be in the way: names of fields, of keys, and such as the gateway makes up itself. */
const ALIASES = [
  'id',
  'code',
  'upc',
  'name',
  'price',
  'weight',
  'e00',
  'label',
  'common',
  'a',
  'b',
  '__typename',
  '_client_id',
] as const

interface Writing {
  readonly schema: GraphQLSchema
  readonly draw: Draw
  readonly fragments: string[]
  /** Declarations by name. */
  readonly declared: Map<string, string>
  readonly values: Record<string, unknown>
  readonly isDeferring: boolean
}

/** `isDeferring` puts `@defer` on some fragments below the root. */
export function randomOperation(schema: GraphQLSchema, draw: Draw, isDeferring: boolean): RandomOperation {
  const writing: Writing = { schema, draw, fragments: [], declared: new Map(), values: {}, isDeferring }
  const mutation = draw(9) === 0 ? schema.getMutationType() : null
  const root = mutation ?? schema.getQueryType()
  if (!root) throw new Error('The schema has no query type.')
  const body = selectionSet(writing, root, 1 + draw(4))
  const declarations = [...writing.declared.values()]
  const head = `${mutation ? 'mutation' : 'query'} ${declarations.length === 0 ? '' : `(${declarations.join(', ')})`}`
  return { query: [`${head}${body}`, ...writing.fragments].join(' '), variables: writing.values }
}

function selectionSet(writing: Writing, type: GraphQLCompositeType, depth: number): string {
  const { draw } = writing
  const selections: string[] = []
  for (let index = 1 + draw(3); index > 0; index -= 1) {
    const isFragment = depth > 0 && draw(isObjectType(type) ? 5 : 2) === 0
    selections.push(isFragment ? fragmentOn(writing, type, depth) : field(writing, type, depth))
  }
  return `{ ${selections.join(' ')} }`
}

function field(writing: Writing, type: GraphQLCompositeType, depth: number): string {
  const { draw } = writing
  const all = isUnionType(type) ? [] : Object.values(type.getFields())
  const fields = all.filter((one) => depth > 0 || !isCompositeType(getNamedType(one.type)))
  const chosen = fields[draw(fields.length)] // one more than there are
  const alias = draw(5) === 0 ? `${oneOf(draw, ALIASES)}: ` : ''
  if (chosen === undefined) return `${alias}__typename${condition(writing)}`
  const args = chosen.args.flatMap((arg) => argument(writing, arg))
  const below = getNamedType(chosen.type)
  const set = isCompositeType(below) ? ` ${selectionSet(writing, below, depth - 1)}` : ''
  return `${alias}${chosen.name}${args.length === 0 ? '' : `(${args.join(', ')})`}${condition(writing)}${set}`
}

function fragmentOn(writing: Writing, type: GraphQLCompositeType, depth: number): string {
  const { schema, draw, fragments, isDeferring } = writing
  const possible = isObjectType(type) ? [type] : [...schema.getPossibleTypes(type)]
  const wider = possible.flatMap((one) => one.getInterfaces())
  const choices: GraphQLCompositeType[] = [...possible, ...possible, ...wider, type]
  const target = oneOf(draw, choices) ?? type
  const isRoot = type === schema.getQueryType() || type === schema.getMutationType()
  const set = selectionSet(writing, target, isInterfaceType(target) ? depth - 1 : depth)
  const directives = isDeferring && !isRoot && draw(2) > 0 ? ' @defer' : condition(writing)
  if (draw(1) === 0) return `... on ${target.name}${directives} ${set}`
  const name = `F${fragments.length}`
  fragments.push(`fragment ${name} on ${target.name} ${set}`)
  return `...${name}${directives}`
}

function condition(writing: Writing): string {
  const { draw } = writing
  const choice = draw(20)
  if (choice > 3) return ''
  const directive = choice % 2 === 0 ? 'skip' : 'include'
  if (choice < 2) return ` @${directive}(if: ${String(draw(1) === 0)})`
  return ` @${directive}(if: ${variable(writing, 'Boolean!', draw(1) === 0)})`
}

function argument(writing: Writing, { name, type, defaultValue }: GraphQLArgument): string[] {
  const { draw } = writing
  const isOptional = !isNonNullType(type) || defaultValue !== undefined
  if (isOptional && draw(2) === 0) return []
  const value = valueFor(type, draw)
  if (draw(1) === 0) return [`${name}: ${isEnumType(getNamedType(type)) ? String(value) : JSON.stringify(value)}`]
  return [`${name}: ${variable(writing, String(type), value)}`]
}

function valueFor(type: GraphQLInputType, draw: Draw): unknown {
  const named = getNamedType(type)
  if (isEnumType(named)) return oneOf(draw, named.getValues())?.name
  if (named.name === 'Boolean') return draw(1) === 0
  return named.name === 'ID' ? `u${draw(4)}` : draw(3)
}

/** One with a default may be left out by the client. */
function variable({ draw, declared, values }: Writing, type: string, value: unknown): string {
  const reused = draw(1) === 0 ? [...declared].filter(([, text]) => text.split(/[:=]/)[1]?.trim() === type) : []
  const [known] = oneOf(draw, reused) ?? []
  if (known !== undefined) return known
  const name = `$v${declared.size}`
  const hasDefault = draw(2) === 0
  const literal = typeof value === 'string' && type.startsWith('ID') ? JSON.stringify(value) : String(value)
  declared.set(name, `${name}: ${type}${hasDefault ? ` = ${literal}` : ''}`)
  if (!hasDefault || draw(1) === 0) values[name.slice(1)] = value
  return name
}
