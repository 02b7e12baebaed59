/** What a random federated graph is made of: types, their fields, and which subgraph has what. */

/** `T`, `T!`, `[T]`, `[T!]!`, `[[T!]!]!` with the type's name for T. */
export type Wrapping = '' | '!' | '[]' | '[!]!' | '[[!]!]!'

export interface ArgumentModel {
  readonly name: string
  readonly type: 'Int' | 'Mood' | 'Boolean' | 'Mood!'
  /** As in SDL; null for none. */
  readonly standard: string | null
}

export interface FieldModel {
  readonly name: string
  /** Of which it is, the interface for what an interface object adds. */
  readonly owner: string
  readonly base: string
  readonly wrapping: Wrapping
  readonly args: readonly ArgumentModel[]
  /** That resolve it. */
  readonly subgraphs: Set<string>
  /** Object types its values may have, of a type with several. */
  readonly choices: readonly string[]
  /** What its value is made of; null for a field with a value of its own. */
  readonly requires: readonly Requirement[] | null
  isShareable: boolean
  provides: string | null
}

/** A required field, of a field with fields with one below. */
export interface Requirement {
  readonly field: FieldModel
  /** Written out. */
  readonly args: Readonly<Record<string, string>>
  readonly below: FieldModel | null
}

export type Keys = 'id' | 'code' | 'both'

export interface TypeModel {
  readonly name: string
  readonly kind: 'entity' | 'value' | 'interfaceObject'
  /** By subgraph; for a value type any. */
  readonly keys: Map<string, Keys>
  readonly fields: FieldModel[]
  /** By subgraph, fields it mentions and does not resolve. */
  readonly externals: Map<string, Set<FieldModel>>
}

export interface AbstractModel {
  readonly name: string
  readonly kind: 'interface' | 'union'
  /** By subgraph. */
  readonly members: Map<string, readonly string[]>
  /** Besides `id`, by subgraph. */
  readonly fields: Map<string, readonly FieldModel[]>
}

export interface GraphModel {
  readonly subgraphs: readonly string[]
  readonly types: Map<string, TypeModel>
  readonly abstracts: Map<string, AbstractModel>
  /** The interface with a key, which other subgraphs know as an object. Null for none. */
  readonly keyed: { readonly name: string; readonly home: string; readonly members: readonly string[] } | null
  readonly queries: FieldModel[]
  readonly mutations: FieldModel[]
}

export const LEAVES = ['String', 'Int', 'Mood', 'Boolean'] as const

export function isLeaf(base: string): boolean {
  return LEAVES.some((leaf) => leaf === base)
}

export function wrapped({ base, wrapping }: FieldModel): string {
  return { '': base, '!': `${base}!`, '[]': `[${base}]`, '[!]!': `[${base}!]!`, '[[!]!]!': `[[${base}!]!]!` }[wrapping]
}
