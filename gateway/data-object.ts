/** A JSON object as a subgraph sent it, or a client. */
export type DataObject = Record<string, unknown>

export function isDataObject(value: unknown): value is DataObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
