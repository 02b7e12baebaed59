import {
  execute,
  getArgumentValues,
  getDirectiveValues,
  getOperationAST,
  getVariableValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  parse,
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import { AppError } from '../../platform/errors/app-error.js'

/** The data of a plan's primary fetch, as if the subgraph had answered with it. */
export type PrimaryData = Readonly<Record<string, unknown>>

/** An event did not fit what the schema promises of it. Carries which fields, never their values. */
export class EventMisfitError extends Error {
  readonly fields: readonly string[]

  constructor(errors: readonly GraphQLError[]) {
    super('An event does not fit the schema.')
    this.name = 'EventMisfitError'
    this.fields = errors.map((error) => error.path?.join('.') ?? '')
  }
}

/** One operation of the events subgraph with its variables: which field it follows, and how an event becomes data. */
export interface EventProjection {
  readonly field: string
  /** The field's arguments, coerced, defaults filled in. */
  readonly args: Readonly<Record<string, unknown>>
  /** Aliases, fragments, enums and nulls as the operation asks. Throws EventMisfitError. */
  project(payload: unknown): PrimaryData
}

interface PreparedOperation {
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
}

const CACHED_OPERATIONS = 1_000 // about 10 kB each: as many as the gateway keeps plans
const prepared = new WeakMap<GraphQLSchema, LRUCache<string, PreparedOperation>>()

/** Prepares the primary operation of a plan. Throws VAL_VALIDATION_FAILED for variables that don't fit it. */
export function createEventProjection(
  schema: GraphQLSchema,
  operationText: string,
  variables: Readonly<Record<string, unknown>>,
): EventProjection {
  const { document, operation } = prepare(schema, operationText)
  const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], variables)
  if (!coerced.coerced) throw refusal(coerced.errors)
  const node = rootField(document, operation.selectionSet, coerced.coerced)
  const definition = node && schema.getSubscriptionType()?.getFields()[node.name.value]
  if (!node || !definition)
    throw new AppError('VAL_VALIDATION_FAILED', { message: 'A subscription must select one field.' })
  const field = node.name.value
  return {
    field,
    args: getArgumentValues(definition, node, coerced.coerced),
    project(payload) {
      const result = execute({ schema, document, rootValue: { [field]: payload }, variableValues: variables })
      if (result instanceof Promise) throw new Error('An event was resolved asynchronously.')
      if (result.errors?.length) throw new EventMisfitError(result.errors)
      return result.data ?? {}
    },
  }
}

function prepare(schema: GraphQLSchema, text: string): PreparedOperation {
  const cache = prepared.get(schema) ?? new LRUCache<string, PreparedOperation>({ max: CACHED_OPERATIONS })
  prepared.set(schema, cache)
  const known = cache.get(text)
  if (known) return known
  const document = parse(text, { noLocation: true })
  const operation = getOperationAST(document)
  if (!operation) throw new Error('The primary fetch of a subscription holds no operation.')
  const made = { document, operation }
  cache.set(text, made)
  return made
}

/** The one field of a subscription, within fragments too, unless `@skip` or `@include` takes it out. */
function rootField(
  document: DocumentNode,
  selections: SelectionSetNode,
  variables: Readonly<Record<string, unknown>>,
): FieldNode | undefined {
  for (const selection of selections.selections) {
    if (getDirectiveValues(GraphQLSkipDirective, selection, variables)?.['if'] === true) continue
    if (getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.['if'] === false) continue
    if (selection.kind === Kind.FIELD) return selection
    const within =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection.selectionSet
        : document.definitions.find(
            (definition) =>
              definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
          )
    const set = within && 'selectionSet' in within ? within.selectionSet : within
    const found = set && set.kind === Kind.SELECTION_SET && rootField(document, set, variables)
    if (found) return found
  }
  return undefined
}

function refusal(errors: readonly GraphQLError[] | undefined): AppError {
  const details = (errors ?? []).slice(0, 20).map((error) => ({ field: 'variables', reason: error.message }))
  return new AppError('VAL_VALIDATION_FAILED', { details })
}
