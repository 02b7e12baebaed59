import { createHash } from 'node:crypto'

/** A short text that is equal for equal parts, and tells nobody what they are. */
export function digestOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}
