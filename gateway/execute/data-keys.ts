/*
 * Names that data in the making has and a client never sees. What a client calls a field must not get in the way of what
 * the plan reads: keys, required fields and `__typename` stand in the same objects.
 */

const REQUIRED = '_required' // followed by a number
const CLIENT = '_client_'
const REQUIRED_NAME = /^_required\d+_/

/** The field that stands in the planner's supergraph for a required field with arguments. */
export function requiredFieldName(number: number, fieldName: string): string {
  return `${REQUIRED}${number}_${fieldName}`
}

/** The key under which data holds a field of the client's document: the alias itself wherever nothing else may stand there. */
export function dataKey(alias: string, fieldName: string, held: ReadonlySet<string>): string {
  if (alias === fieldName) return alias
  return held.has(alias) || alias.startsWith(CLIENT) || REQUIRED_NAME.test(alias) ? CLIENT + alias : alias
}

/** A path through the data as a path through the client's document: down to the first thing the client has not asked for. */
export function clientPath(path: readonly (string | number)[]): readonly (string | number)[] {
  const end = path.findIndex((key) => typeof key === 'string' && REQUIRED_NAME.test(key))
  const known = end < 0 ? path : path.slice(0, end)
  if (!known.some(isRenamed)) return known
  return known.map((key) => (isRenamed(key) ? key.slice(CLIENT.length) : key))
}

function isRenamed(key: string | number): key is string {
  return typeof key === 'string' && key.startsWith(CLIENT)
}
