import {
  getArgumentValues,
  getVariableValues,
  parse,
  type GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import { AppError } from '../../../platform/errors/app-error.js'
import { collectFields } from '../../execute/collect-fields.js'
import { compileShaper, type Shaper } from '../../execute/compile-shaper.js'
import type { GatewayError } from '../../gateway-error.js'
import { selectOperation, type Operation } from '../../operation/operation.js'

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
  /** As the operation calls it. */
  readonly responseKey: string
  /** The field's arguments, coerced, defaults filled in. */
  readonly args: Readonly<Record<string, unknown>>
  /** The operation's own variables, coerced. */
  readonly variables: Readonly<Record<string, unknown>>
  /** Aliases, fragments, enums and nulls as the operation asks. Throws EventMisfitError. */
  project(payload: unknown): PrimaryData
}

interface PreparedOperation {
  readonly operation: Operation
  readonly shape: Shaper
}

const CACHED_OPERATIONS = 1_000 // about 10 kB each: as many as the gateway keeps plans
const prepared = new WeakMap<GraphQLSchema, LRUCache<string, PreparedOperation>>()

/** Faults of an event are told by their places alone: whose request it was does not matter. */
const NOBODY = { requestId: '', traceId: '' }

/** Prepares the primary operation of a plan. Throws VAL_VALIDATION_FAILED for variables that don't fit it. */
export function createEventProjection(
  schema: GraphQLSchema,
  operationText: string,
  given: Readonly<Record<string, unknown>>,
): EventProjection {
  const { operation, shape } = prepare(schema, operationText)
  const coerced = getVariableValues(schema, operation.definition.variableDefinitions ?? [], given)
  if (!coerced.coerced) throw refusal(coerced.errors)
  const variables = coerced.coerced
  const { responseKey, definition, args } = rootField(schema, operation, variables)
  return {
    field: definition.name,
    responseKey,
    args,
    variables,
    project(payload) {
      const errors: GatewayError[] = []
      const data = shape({ data: { [definition.name]: payload }, errors, variables, ids: NOBODY })
      if (data === null || errors.length > 0) throw new EventMisfitError(errors)
      return data
    },
  }
}

function prepare(schema: GraphQLSchema, text: string): PreparedOperation {
  const cache = prepared.get(schema) ?? new LRUCache<string, PreparedOperation>({ max: CACHED_OPERATIONS })
  prepared.set(schema, cache)
  const known = cache.get(text)
  if (known) return known
  const operation = selectOperation(parse(text, { noLocation: true }), undefined)
  // a payload has its fields by their names, whatever the operation calls them
  const made = { operation, shape: compileShaper(schema, operation, { keyOf: (_alias, name) => name }) }
  cache.set(text, made)
  return made
}

interface RootField {
  readonly responseKey: string
  readonly definition: GraphQLField<unknown, unknown>
  readonly args: Readonly<Record<string, unknown>>
}

/** The one field of a subscription, within fragments too, unless `@skip` or `@include` takes it out. */
function rootField(
  schema: GraphQLSchema,
  { definition: { selectionSet }, fragments }: Operation,
  variables: Readonly<Record<string, unknown>>,
): RootField {
  const root = schema.getSubscriptionType()
  const selected = root ? collectFields({ schema, fragments, variables, deferring: false }, root, [selectionSet]) : []
  for (const [responseKey, [node]] of selected) {
    const definition = node && root?.getFields()[node.name.value]
    if (node && definition) return { responseKey, definition, args: getArgumentValues(definition, node, variables) }
  }
  throw new AppError('VAL_VALIDATION_FAILED', { message: 'A subscription must select one field.' })
}

function refusal(errors: readonly GraphQLError[] | undefined): AppError {
  const details = (errors ?? []).slice(0, 20).map((error) => ({ field: 'variables', reason: error.message }))
  return new AppError('VAL_VALIDATION_FAILED', { details })
}
