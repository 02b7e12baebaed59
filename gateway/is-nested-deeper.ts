/**
 * Whether a value as JSON brings it has lists and objects within each other more than `limit` deep. Goes down by levels, not by
 * calls: JSON is parsed at any depth, and whatever follows it down on the stack would overflow that.
 */
export function isNestedDeeper(value: unknown, limit: number): boolean {
  let level = containersIn([value])
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > limit) return true
    level = level.flatMap((container) => containersIn(Array.isArray(container) ? container : Object.values(container)))
  }
  return false
}

function containersIn(values: readonly unknown[]): object[] {
  return values.filter((value) => typeof value === 'object' && value !== null)
}
