import {
  wrapped,
  type AbstractModel,
  type FieldModel,
  type GraphModel,
  type Requirement,
  type TypeModel,
} from './random-model.js'

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@requires", "@provides", "@external", "@shareable", "@interfaceObject"])
enum Mood { GLAD SAD }`

/** What one subgraph of the model says of itself. */
export function writeSubgraph(model: GraphModel, subgraph: string): string {
  const types = [...model.types.values()].flatMap((type) => writeType(model, type, subgraph))
  const abstracts = [...model.abstracts.values()].flatMap((abstract) => writeAbstract(abstract, model, subgraph))
  return [
    LINK,
    writeRoot('Query', model.queries, subgraph),
    writeRoot('Mutation', model.mutations, subgraph),
    ...types,
    ...abstracts,
  ].join('\n')
}

function writeRoot(name: string, fields: readonly FieldModel[], subgraph: string): string {
  const own = fields.filter(({ subgraphs }) => subgraphs.has(subgraph)).map(writeField)
  return own.length === 0 ? '' : `type ${name} { ${own.join(' ')} }`
}

function writeType(model: GraphModel, { name, kind, keys, fields, externals }: TypeModel, subgraph: string): string[] {
  const key = keys.get(subgraph)
  if (key === undefined) return []
  const implemented = [...model.abstracts.values()].filter(
    (abstract) => abstract.kind === 'interface' && abstract.members.get(subgraph)?.includes(name),
  )
  const heads = implemented.map((abstract) => abstract.name)
  const directives =
    kind === 'value'
      ? []
      : [
          ...(key === 'code' ? [] : ['@key(fields: "id")']),
          ...(key === 'id' ? [] : ['@key(fields: "code")']),
          ...(kind === 'interfaceObject' ? ['@interfaceObject'] : []),
        ]
  const keyFields =
    kind === 'value' ? [] : [...(key === 'code' ? [] : ['id: ID!']), ...(key === 'id' ? [] : ['code: String!'])]
  const own = fields.filter(({ subgraphs }) => subgraphs.has(subgraph)).map(writeField)
  const foreign = [...(externals.get(subgraph) ?? [])].map((field) => `${bare(field)} @external`)
  const head = heads.length === 0 ? name : `${name} implements ${heads.join(' & ')}`
  return [`type ${head} ${directives.join(' ')} { ${[...keyFields, ...own, ...foreign].join(' ')} }`]
}

function writeAbstract(
  { name, kind, members, fields }: AbstractModel,
  { keyed }: GraphModel,
  subgraph: string,
): string[] {
  const names = members.get(subgraph)
  if (names === undefined) return []
  if (kind === 'union') return [`union ${name} = ${names.join(' | ')}`]
  const key = keyed?.name === name ? '@key(fields: "id")' : ''
  return [`interface ${name} ${key} { id: ID! ${(fields.get(subgraph) ?? []).map(bare).join(' ')} }`]
}

function bare(field: FieldModel): string {
  const args = field.args.map(
    ({ name, type, standard }) => `${name}: ${type}${standard === null ? '' : ` = ${standard}`}`,
  )
  return `${field.name}${args.length === 0 ? '' : `(${args.join(', ')})`}: ${wrapped(field)}`
}

function writeField(field: FieldModel): string {
  const directives = [
    ...(field.isShareable ? ['@shareable'] : []),
    ...(field.provides === null ? [] : [`@provides(fields: "${field.provides}")`]),
    ...(field.requires === null
      ? []
      : [`@requires(fields: "${field.requires.map(writeRequirement).join(' ').replaceAll('"', '\\"')}")`]),
  ]
  return [bare(field), ...directives].join(' ')
}

function writeRequirement({ field, args, below }: Requirement): string {
  const given = Object.entries(args).map(([name, value]) => `${name}: ${value}`)
  return `${field.name}${given.length === 0 ? '' : `(${given.join(', ')})`}${below === null ? '' : ` { ${below.name} }`}`
}
