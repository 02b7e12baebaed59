import {
  GraphQLError,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationRule,
} from 'graphql'

export interface SelectionLimits {
  /** Fields within fields. Introspection does not count. */
  readonly maxDepth: number
  /** Aliases in a document: the lever by which one field is asked for many times. */
  readonly maxAliases: number
  /** Fields at the top of an operation, those of fragments included: each may be a fetch. */
  readonly maxRootFields: number
  /** Fields of an operation, a fragment's counted each time it is spread: what a small document can blow up to. */
  readonly maxFields: number
  /** Times that selection sets repeat a name they have already: validators compare each such field with each. */
  readonly maxDuplicates: number
  /** Directives in a document. */
  readonly maxDirectives: number
  /** Fragment definitions in a document. */
  readonly maxFragments: number
}

/** What one selection set comes to, its fragments followed. */
interface Extent {
  readonly depth: number
  readonly fields: number
  readonly topFields: number
}

const NOTHING: Extent = { depth: 0, fields: 0, topFields: 0 }

/** The first limit a document exceeds, coded GRAPHQL_VALIDATION_FAILED; null when it keeps to all of them. */
export function findExcess(document: DocumentNode, limits: SelectionLimits): GraphQLError | null {
  const survey = new Survey(document, limits)
  try {
    survey.check()
    return null
  } catch (error) {
    if (error instanceof GraphQLError) return error
    throw error
  }
}

/** The same as a rule, for a host that validates by itself. */
export function createLimitRules(limits: SelectionLimits): ValidationRule[] {
  return [
    (context) => ({
      Document(document) {
        const excess = findExcess(document, limits)
        if (excess !== null) context.reportError(excess)
      },
    }),
  ]
}

/** One walk over a document: every definition once, however often it is spread. */
class Survey {
  readonly #document: DocumentNode
  readonly #limits: SelectionLimits
  readonly #fragments = new Map<string, FragmentDefinitionNode>()
  readonly #extents = new Map<string, Extent>()
  #aliases = 0
  #directives = 0
  #duplicates = 0

  constructor(document: DocumentNode, limits: SelectionLimits) {
    this.#document = document
    this.#limits = limits
  }

  check(): void {
    const { maxDepth, maxFields, maxRootFields, maxFragments } = this.#limits
    for (const definition of this.#document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(definition.name.value, definition)
    }
    if (this.#fragments.size > maxFragments) throw excess(`The document has more than ${maxFragments} fragments.`)
    for (const definition of this.#document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#extentOfFragment(definition.name.value)
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue
      this.#countDirectives(definition.directives)
      for (const { directives } of definition.variableDefinitions ?? []) this.#countDirectives(directives)
      const { depth, fields, topFields } = this.#extentOf(definition.selectionSet)
      if (depth > maxDepth) throw excess(`The operation is nested deeper than ${maxDepth} fields.`)
      if (topFields > maxRootFields) throw excess(`The operation has more than ${maxRootFields} fields at its root.`)
      if (fields > maxFields) throw excess(`The operation has more than ${maxFields} fields, its fragments expanded.`)
    }
  }

  #extentOf({ selections }: SelectionSetNode): Extent {
    let [depth, fields, topFields] = [0, 0, 0]
    const names = new Set<string>()
    for (const selection of selections) {
      this.#countDirectives(selection.directives)
      if (selection.kind === Kind.FIELD) this.#countField(selection, names)
      const extent = this.#extentOfSelection(selection)
      depth = Math.max(depth, extent.depth)
      fields += extent.fields
      topFields += extent.topFields
    }
    return { depth, fields, topFields }
  }

  #extentOfSelection(selection: SelectionNode): Extent {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return this.#extentOfFragment(selection.name.value)
    if (selection.kind === Kind.INLINE_FRAGMENT) return this.#extentOf(selection.selectionSet)
    const below = selection.selectionSet === undefined ? NOTHING : this.#extentOf(selection.selectionSet)
    const isIntrospection = selection.name.value.startsWith('__')
    return { depth: isIntrospection ? 0 : 1 + below.depth, fields: 1 + below.fields, topFields: 1 }
  }

  #extentOfFragment(name: string): Extent {
    const known = this.#extents.get(name)
    if (known !== undefined) return known
    const fragment = this.#fragments.get(name)
    if (fragment === undefined) return NOTHING
    this.#extents.set(name, NOTHING) // a cycle is another rule's to report: here it must only end
    this.#countDirectives(fragment.directives)
    const extent = this.#extentOf(fragment.selectionSet)
    this.#extents.set(name, extent)
    return extent
  }

  #countField({ alias, name }: FieldNode, names: Set<string>): void {
    const { maxAliases, maxDuplicates } = this.#limits
    if (alias?.value === '__proto__') throw excess('The alias "__proto__" is not allowed.')
    if (alias !== undefined && ++this.#aliases > maxAliases) {
      throw excess(`The document has more than ${maxAliases} aliases.`)
    }
    const key = (alias ?? name).value
    if (names.has(key) && ++this.#duplicates > maxDuplicates) {
      throw excess(`The document repeats fields more than ${maxDuplicates} times.`)
    }
    names.add(key)
  }

  #countDirectives(directives: readonly unknown[] | undefined): void {
    this.#directives += directives?.length ?? 0
    const { maxDirectives } = this.#limits
    if (this.#directives > maxDirectives) throw excess(`The document has more than ${maxDirectives} directives.`)
  }
}

function excess(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } })
}
