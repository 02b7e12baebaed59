/** The values a payload has at a path, those of lists one by one; none where something on the way is missing. */
export function payloadValues(payload: unknown, path: readonly string[]): unknown[] {
  let found = [payload]
  for (const name of path) found = found.flatMap((value) => itemsOf(ownField(value, name)))
  return found
}

function ownField(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
}

function itemsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(itemsOf)
  return value === undefined || value === null ? [] : [value]
}

/** Scalars as text, as they are compared; null for what has none. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}
