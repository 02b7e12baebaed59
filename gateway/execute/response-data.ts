import { isDataObject, type DataObject } from '../data-object.js'

/**
 * Puts `source` into `target` without copying: what `target` lacks it takes over by reference, so `source` must not be
 * changed afterwards. Objects merge field by field, lists element by element; null never takes the place of something.
 */
export function mergeInto(target: DataObject, source: DataObject): void {
  if (target === source) return
  for (const key in source) {
    if (key === '__proto__') continue // a subgraph must not reach the prototypes of this process
    const incoming = source[key]
    if (incoming === undefined) continue
    const existing = target[key]
    if (typeof existing !== 'object' || existing === null) {
      if (incoming !== null || existing === undefined || typeof existing === 'function') target[key] = incoming
    } else if (typeof incoming === 'object' && incoming !== null) {
      target[key] = mergeValues(existing, incoming)
    }
  }
}

function mergeValues(existing: object, incoming: object): unknown {
  if (Array.isArray(existing) && Array.isArray(incoming)) return mergeLists(existing, incoming)
  if (isDataObject(existing) && isDataObject(incoming)) mergeInto(existing, incoming)
  return existing
}

function mergeLists(existing: unknown[], incoming: readonly unknown[]): unknown[] {
  for (const [index, item] of incoming.entries()) {
    const current = existing[index]
    if (typeof current === 'object' && current !== null && typeof item === 'object' && item !== null) {
      existing[index] = mergeValues(current, item)
    } else if (item !== null && item !== undefined) {
      existing[index] = item
    }
  }
  return existing
}
