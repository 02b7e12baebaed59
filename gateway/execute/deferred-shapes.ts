import type { GatewayError } from '../gateway-error.js'
import { shapeObject, UNKNOWN, type Complete } from './complete-value.js'
import { isDataObject, type DataObject } from './response-data.js'
import { createShaping, type DeferredShape, type FoundPart, type Shaping } from './shaping.js'

/** Completes an object as `inner` does, and notes the deferred parts it has by its type. */
export function completeNoting(inner: Complete, deferredOf: (typeName: string) => readonly DeferredShape[]): Complete {
  return (raw, shaping, depth) => {
    const value = inner(raw, shaping, depth)
    if (value === null || value === undefined || !isDataObject(raw)) return value
    const typeName = raw['__typename']
    noteDeferred(deferredOf(typeof typeName === 'string' ? typeName : UNKNOWN), raw, shaping, depth)
    return value
  }
}

export function noteDeferred(parts: readonly DeferredShape[], raw: DataObject, shaping: Shaping, depth: number): void {
  for (const part of parts) shaping.found?.push({ part, raw, path: shaping.path.slice(0, depth), around: shaping })
}

/** The part's data, null when a null rose through all of it. `errors` is read and added to, `found` added to. */
export function shapePart(
  { part, raw, path, around }: FoundPart,
  errors: GatewayError[],
  found: FoundPart[],
): DataObject | null {
  const shaping = createShaping(errors, around.ids, around.introspection, found, path)
  const shaped = shapeObject(raw, part.fields, shaping, path.length)
  if (shaped !== null) noteDeferred(part.within, raw, shaping, path.length)
  return shaped
}
