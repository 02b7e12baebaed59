import { getVariableValues, GraphQLError, type GraphQLSchema } from 'graphql'
import { withoutValues } from '../../platform/graphql/without-values.js'
import { OperationRefused } from '../gateway-error.js'
import { isNestedDeeper } from '../is-nested-deeper.js'
import type { Operation } from './operation.js'

const MAXIMUM_ERRORS = 20 // enough to mend a form by

export interface VariableLimits {
  /** Lists and objects within each other, in one variable. Input types may be recursive, and scalars take any JSON. */
  readonly maxVariableDepth: number
}

/**
 * The operation's variables with their types checked and defaults filled in. Throws OperationRefused with BAD_USER_INPUT
 * for every variable that does not fit, without repeating its value. Coercion goes down on the stack, and so does JSON on its
 * way to a subgraph: what is nested too deep is refused before. https://spec.graphql.org/October2021/#CoerceVariableValues()
 */
export function coerceVariables(
  schema: GraphQLSchema,
  { definition }: Operation,
  provided: Readonly<Record<string, unknown>>,
  { maxVariableDepth }: VariableLimits,
): Readonly<Record<string, unknown>> {
  const definitions = definition.variableDefinitions
  if (definitions === undefined || definitions.length === 0) return provided
  for (const { variable } of definitions) {
    const name = variable.name.value
    if (!isNestedDeeper(provided[name], maxVariableDepth)) continue
    const message = `Variable "$${name}" is nested deeper than ${maxVariableDepth} lists and objects.`
    throw new OperationRefused([refusalOf(message, [variable])])
  }
  const { coerced, errors } = getVariableValues(schema, definitions, provided, { maxErrors: MAXIMUM_ERRORS })
  if (coerced !== undefined) return coerced
  throw new OperationRefused(errors.map(({ message, nodes }) => refusalOf(withoutValues(message), nodes)))
}

function refusalOf(message: string, nodes: GraphQLError['nodes']): GraphQLError {
  return new GraphQLError(message, { nodes: nodes ?? null, extensions: { code: 'BAD_USER_INPUT' } })
}
