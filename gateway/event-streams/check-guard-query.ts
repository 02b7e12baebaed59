import {
  getOperationAST,
  parse,
  print,
  validate,
  type GraphQLField,
  type GraphQLSchema,
  type VariableDefinitionNode,
} from 'graphql'

/** Throws unless the guard is one query that clients could send, whose variables are arguments of the field. */
export function checkGuardQuery(guard: string, field: GraphQLField<unknown, unknown>, apiSchema: GraphQLSchema): void {
  const document = parse(guard)
  const [fault] = validate(apiSchema, document)
  if (fault !== undefined) throw new Error(`the guard is not a valid query: ${fault.message}`)
  const operation = getOperationAST(document)
  if (operation?.operation !== 'query') throw new Error('the guard must be one query')
  for (const variable of operation.variableDefinitions ?? []) {
    if (!isFilledBy(variable, field))
      throw new Error(`the guard's variable ${variable.variable.name.value} is no argument of the same type`)
  }
}

function isFilledBy({ variable, type }: VariableDefinitionNode, field: GraphQLField<unknown, unknown>): boolean {
  const argument = field.args.find((candidate) => candidate.name === variable.name.value)
  if (argument === undefined) return false
  const wanted = print(type)
  const given = String(argument.type)
  return given === wanted || given === `${wanted}!`
}
