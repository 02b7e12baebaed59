/** Operations at random over a schema: fields, aliases, arguments, fragments, conditions and variables as clients write them. */
import {
  getNamedType,
  isCompositeType,
  isEnumType,
  isObjectType,
  isUnionType,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLSchema,
} from 'graphql'

export interface RandomOperation {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
}

/** Gives a whole number from 0 to `maximum`. */
export type Draw = (maximum: number) => number

const ALIASES = ['id', 'upc', 'name', 'price', 'weight', 'a', 'b', '__typename', '_client_id']
const VARIABLES: Readonly<Record<string, readonly [string, readonly unknown[]]>> = {
  yes: ['Boolean!', [true, false]],
  no: ['Boolean = false', [true, false, undefined]],
  first: ['Int = 1', [0, 1, 3, undefined]],
  upper: ['Boolean', [true, false, undefined]],
  currency: ['Currency! = JPY', ['USD', 'EUR', undefined]],
  id: ['ID!', ['u0', 'u3', 'nobody']],
}

interface Writing {
  readonly schema: GraphQLSchema
  readonly draw: Draw
  readonly used: Set<string>
  readonly fragments: string[]
}

export function randomOperation(schema: GraphQLSchema, draw: Draw): RandomOperation {
  const writing: Writing = { schema, draw, used: new Set(), fragments: [] }
  const root = schema.getQueryType()
  if (!root) throw new Error('The schema has no query type.')
  const body = selectionSet(writing, root, 1 + draw(3))
  const names = [...writing.used].sort()
  const definitions = names.map((name) => `$${name}: ${VARIABLES[name]?.[0] ?? ''}`)
  const head = names.length === 0 ? 'query' : `query (${definitions.join(', ')})`
  const variables = names.flatMap((name) => {
    const choices = VARIABLES[name]?.[1] ?? []
    const value = choices[draw(choices.length - 1)]
    return value === undefined ? [] : [[name, value]]
  })
  return { query: [`${head} ${body}`, ...writing.fragments].join(' '), variables: Object.fromEntries(variables) }
}

function selectionSet(writing: Writing, type: GraphQLCompositeType, depth: number): string {
  const { draw } = writing
  const count = 1 + draw(3)
  const selections: string[] = []
  for (let index = 0; index < count; index += 1) {
    const fragment = depth > 0 && draw(4) === 0 ? fragmentOn(writing, type, depth) : null
    selections.push(fragment ?? field(writing, type, depth))
  }
  return `{ ${selections.join(' ')} }`
}

function field(writing: Writing, type: GraphQLCompositeType, depth: number): string {
  const { draw } = writing
  const fields = isUnionType(type)
    ? []
    : Object.values(type.getFields()).filter(({ type: of }) => depth > 0 || !isCompositeType(getNamedType(of)))
  const chosen = fields[draw(fields.length)] // one more than there are
  const alias = draw(5) === 0 ? `${ALIASES[draw(ALIASES.length - 1)] ?? 'a'}: ` : ''
  if (chosen === undefined) return `${alias}__typename${condition(writing)}`
  const args = chosen.args.flatMap((arg) => argument(writing, arg))
  const below = getNamedType(chosen.type)
  const set = isCompositeType(below) ? ` ${selectionSet(writing, below, depth - 1)}` : ''
  return `${alias}${chosen.name}${args.length === 0 ? '' : `(${args.join(', ')})`}${condition(writing)}${set}`
}

function fragmentOn(writing: Writing, type: GraphQLCompositeType, depth: number): string {
  const { schema, draw, fragments } = writing
  const possible = isObjectType(type) ? [type] : [...schema.getPossibleTypes(type)]
  const wider = possible.flatMap((one) => one.getInterfaces())
  const choices: GraphQLCompositeType[] = [...possible, ...wider, type]
  const target = choices[draw(choices.length - 1)] ?? type
  const set = selectionSet(writing, target, depth - 1)
  if (draw(1) === 0) return `... on ${target.name}${condition(writing)} ${set}`
  const name = `F${fragments.length}`
  fragments.push(`fragment ${name} on ${target.name} ${set}`)
  return `...${name}${condition(writing)}`
}

function condition({ draw, used }: Writing): string {
  const choice = draw(20)
  if (choice > 3) return ''
  const name = choice % 2 === 0 ? 'yes' : 'no'
  if (name === 'no') return choice === 1 ? ' @skip(if: false)' : ' @include(if: true)'
  used.add(name)
  return `${choice === 0 ? ' @skip' : ' @include'}(if: $${name})`
}

function argument({ draw, used }: Writing, { name, type }: GraphQLArgument): string[] {
  const choice = draw(2)
  if (name === 'id' ? choice === 0 : choice === 2) {
    used.add(name)
    return [`${name}: $${name}`]
  }
  if (name === 'id') return ['id: "u1"']
  if (choice === 0) return []
  const named = getNamedType(type)
  if (isEnumType(named)) return [`${name}: ${named.getValues()[draw(2)]?.name ?? ''}`]
  return [`${name}: ${name === 'first' ? String(draw(3)) : String(draw(1) === 0)}`]
}
