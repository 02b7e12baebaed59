import type { GatewayError } from '../gateway-error.js'
import { shapeObject, UNKNOWN } from './complete-value.js'
import { isDataObject, type DataObject } from '../data-object.js'
import { createShaping, type Complete, type DeferredShape, type FoundPart, type Shaping } from './shaping.js'

/** Completes an object as `inner` does, and notes the deferred parts it has by its type. */
export function completeNoting(inner: Complete, shapesOf: FoundPart['shapesOf']): Complete {
  return (raw, shaping, depth) => {
    const value = inner(raw, shaping, depth)
    if (value !== null && value !== undefined && isDataObject(raw)) noteDeferred(shapesOf, raw, shaping, depth)
    return value
  }
}

export function noteDeferred(shapesOf: FoundPart['shapesOf'], raw: DataObject, shaping: Shaping, depth: number): void {
  for (const { id } of shapesOf(typeNameOf(raw))) {
    shaping.found?.push({ id, shapesOf, raw, path: shaping.path.slice(0, depth), around: shaping })
  }
}

/** The part's data, null when a null rose through all of it. `errors` is read and added to, `found` added to. */
export function shapePart(
  { id, shapesOf, raw, path, around }: FoundPart,
  errors: GatewayError[],
  found: FoundPart[],
): DataObject | null {
  const shaping = createShaping(errors, around.ids, around.introspection, found, path)
  const partOf = (typeName: string): DeferredShape | undefined => shapesOf(typeName).find((part) => part.id === id)
  const shaped = shapeObject(raw, partOf(typeNameOf(raw))?.fields ?? [], shaping, path.length)
  if (shaped !== null) noteDeferred((typeName) => partOf(typeName)?.within ?? [], raw, shaping, path.length)
  return shaped
}

function typeNameOf(raw: DataObject): string {
  const typeName = raw['__typename']
  return typeof typeName === 'string' ? typeName : UNKNOWN
}
