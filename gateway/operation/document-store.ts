/**
 * From text to an operation that can be planned. In: the text of a document, or one parsed and validated elsewhere, and an
 * operation's name. Out: the operation with the fragments at hand, the same object every time. It refuses text that is
 * too long, does not parse, does not fit the schema or goes beyond the limits: OperationRefused, in coded errors.
 */
import { createHash } from 'node:crypto'
import {
  GraphQLError,
  Kind,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import { OperationRefused } from '../gateway-error.js'
import type { VariableLimits } from './coerce-variables.js'
import { deferRules } from './defer-rules.js'
import { findExcess, type SelectionLimits } from './limit-rules.js'
import { selectOperation, type Operation } from './operation.js'
import { checkSource, type SourceLimits } from './source-limits.js'

export interface DocumentLimits extends SourceLimits, SelectionLimits, VariableLimits {
  /** Faults of a document that are told, and looked for. */
  readonly maxValidationErrors: number
  readonly introspection: boolean
  /** Whether refusals say "Did you mean". */
  readonly suggestions: boolean
}

export interface DocumentStore {
  /** Parses a text unless it is known, and holds it to the limits. For a host that validates by itself. Throws OperationRefused. */
  admit(query: string): void
  /** The document of a text, parsed and validated; once, where it may be kept. Throws OperationRefused. */
  read(query: string): DocumentNode
  /** Whether a valid document may be kept: none whose text holds a secret. */
  mayBeKept(document: DocumentNode): boolean
  /** The operation to run. `document` must be valid for this schema. Throws OperationRefused when the choice is not clear. */
  select(document: DocumentNode, operationName: string | undefined): Operation
}

const MAXIMUM_DOCUMENTS = 2_000 // far more than the operations of one product's clients

/** `mayBeWritten` tells of an operation whether its text may be written down. */
export function createDocumentStore(
  schema: GraphQLSchema,
  limits: DocumentLimits,
  mayBeWritten: (operation: Operation) => boolean = () => true,
): DocumentStore {
  const documents = new LRUCache<string, DocumentNode>({ max: MAXIMUM_DOCUMENTS })
  const operations = new WeakMap<DocumentNode, Map<string | undefined, Operation>>()
  const admitted = new LRUCache<string, true>({ max: MAXIMUM_DOCUMENTS })
  const rules = [...specifiedRules, ...deferRules, ...(limits.introspection ? [] : [NoSchemaIntrospectionCustomRule])]
  const select = (document: DocumentNode, operationName: string | undefined): Operation => {
    const selected = operations.get(document) ?? new Map<string | undefined, Operation>()
    operations.set(document, selected)
    const known = selected.get(operationName)
    if (known !== undefined) return known
    const operation = selectOperation(document, operationName)
    selected.set(operationName, operation)
    return operation
  }
  const mayBeKept = (document: DocumentNode): boolean =>
    document.definitions.every(
      (definition) =>
        definition.kind !== Kind.OPERATION_DEFINITION || mayBeWritten(select(document, definition.name?.value)),
    )
  return {
    admit(query) {
      if (documents.has(query)) return
      const digest = createHash('sha256').update(query).digest('base64') // it is not valid yet: nobody knows what it holds
      if (admitted.has(digest)) return
      readWithinLimits(query, limits)
      admitted.set(digest, true)
    },
    mayBeKept,
    select,
    read(query) {
      const known = documents.get(query)
      if (known !== undefined) return known
      const document = readWithinLimits(query, limits)
      const { suggestions, maxValidationErrors: maxErrors } = limits
      const errors = validate(schema, document, rules, { hideSuggestions: !suggestions, maxErrors })
      if (errors.length > 0)
        throw new OperationRefused(errors.map((error) => coded(error, 'GRAPHQL_VALIDATION_FAILED')))
      if (mayBeKept(document)) documents.set(query, document)
      return document
    },
  }
}

/** Before validation, whose cost the limits are there to bound. */
function readWithinLimits(query: string, limits: DocumentLimits): DocumentNode {
  checkSource(query, limits)
  const document = parseDocument(query, limits.maxTokens)
  const excess = findExcess(document, limits)
  if (excess !== null) throw new OperationRefused([excess])
  return document
}

function parseDocument(query: string, maxTokens: number): DocumentNode {
  try {
    const document = parse(query, { maxTokens })
    if (document.definitions.some((definition) => definition.kind === Kind.OPERATION_DEFINITION)) return document
  } catch (error) {
    if (error instanceof GraphQLError) throw new OperationRefused([coded(error, 'GRAPHQL_PARSE_FAILED')])
    throw error
  }
  throw new OperationRefused([
    new GraphQLError('The document holds no operation.', { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }),
  ])
}

function coded(error: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    extensions: { ...error.extensions, code },
  })
}
