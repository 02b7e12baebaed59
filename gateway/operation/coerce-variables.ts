import { getVariableValues, GraphQLError, type GraphQLSchema } from 'graphql'
import { withoutValues } from '../../platform/graphql/without-values.js'
import { OperationRefused } from '../gateway-error.js'
import type { Operation } from './operation.js'

const MAXIMUM_ERRORS = 20 // enough to mend a form by

/**
 * The operation's variables with their types checked and defaults filled in. Throws OperationRefused with BAD_USER_INPUT
 * for every variable that does not fit, without repeating its value. https://spec.graphql.org/October2021/#CoerceVariableValues()
 */
export function coerceVariables(
  schema: GraphQLSchema,
  { definition }: Operation,
  provided: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const definitions = definition.variableDefinitions
  if (definitions === undefined || definitions.length === 0) return provided
  const { coerced, errors } = getVariableValues(schema, definitions, provided, { maxErrors: MAXIMUM_ERRORS })
  if (coerced !== undefined) return coerced
  throw new OperationRefused(
    errors.map(
      ({ message, nodes }) =>
        new GraphQLError(withoutValues(message), { nodes: nodes ?? null, extensions: { code: 'BAD_USER_INPUT' } }),
    ),
  )
}
