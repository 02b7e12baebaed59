const OBJECT_BYTES = 48 // of V8: header, and a word a property
const MAXIMUM_DEPTH = 32 // what is deeper is of somebody else's making: a lower bound will do

/** About how much memory a JSON value takes, in bytes: for bounds, not for books. */
export function approximateSize(value: unknown, depth = 0): number {
  if (typeof value === 'string') return 24 + value.length
  if (typeof value !== 'object' || value === null) return 8
  let bytes = OBJECT_BYTES
  if (depth >= MAXIMUM_DEPTH) return bytes
  for (const item of Object.values(value)) bytes += 8 + approximateSize(item, depth + 1)
  return bytes
}
