import type { FetchNode } from '@apollo/query-planner'

/**
 * The JSON of a fetch, from the client's variables and, for entities, their representations as JSON already. `others` are
 * further variables as members of a JSON object.
 */
export type RequestBody = (
  variables: Readonly<Record<string, unknown>>,
  representations: string | null,
  others?: string,
) => string

/** The query is put into JSON once; of the variables only those the fetch uses are sent. */
export function compileRequestBody(node: FetchNode): RequestBody {
  const name = node.operationName === undefined ? '' : `,"operationName":${JSON.stringify(node.operationName)}`
  const head = `{"query":${JSON.stringify(node.operation)}${name}`
  const withoutVariables = `${head}}`
  const used = (node.variableUsages ?? []).map((variable) => ({ variable, prefix: `${JSON.stringify(variable)}:` }))
  return (variables, representations, others = '') => {
    let json = representations === null ? others : `"representations":${representations}`
    for (const { variable, prefix } of used) {
      const value = Object.hasOwn(variables, variable) ? variables[variable] : undefined
      if (value === undefined) continue
      json += `${json === '' ? '' : ','}${prefix}${JSON.stringify(value)}`
    }
    return json === '' ? withoutVariables : `${head},"variables":{${json}}}`
  }
}
