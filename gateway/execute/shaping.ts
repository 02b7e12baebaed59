import type { ErrorCode } from '../../platform/errors/error-codes.js'
import type { RequestContext } from '../../platform/log/request-context.js'
import type { Withholding } from '../operation/operation.js'
import { gatewayError, type GatewayError, type GatewayErrorOptions, type ResponsePath } from '../gateway-error.js'
import type { FieldShape } from './complete-value.js'
import { createErrorCoverage, type ErrorCoverage } from './error-coverage.js'
import type { DataObject } from '../data-object.js'

/** One run of a shaper: where it is, and what it has to complain about. */
export interface Shaping {
  /** Overwritten in place; its first `depth` elements are the path to the value at hand. */
  readonly path: (string | number)[]
  /** The operation's `__schema` and `__type` fields, answered from the API schema. */
  readonly introspection: Readonly<Record<string, unknown>> | null
  readonly ids: RequestContext
  /** Where deferred parts come out while everything around them is shaped; null where nothing is deferred. */
  readonly found: FoundPart[] | null
  /** Adds an error for the value at `depth`, unless an error at, above or below it tells already. */
  report(depth: number, message: string): void
  /** Adds the error of a field that the caller may not see. */
  withhold(depth: number, withholding: Withholding): void
}

/** A deferred part in the answer, at one of the places where the document has it. */
export interface FoundPart {
  readonly id: string
  /** The parts of such objects, by a type's name: an interface object may tell its type with the part. */
  readonly shapesOf: (typeName: string) => readonly DeferredShape[]
  readonly path: ResponsePath
  /** The object it belongs to: grows while the part is fetched. */
  readonly raw: DataObject
  /** Of what it stands in. */
  readonly around: Shaping
}

/** A deferred fragment, compiled for one runtime type. */
export interface DeferredShape {
  readonly id: string
  readonly fields: readonly FieldShape[]
  /** Deferred fragments within it, for the same object. */
  readonly within: readonly DeferredShape[]
}

const MAXIMUM_REPORTS = 100 // an answer must not grow with its faults

/** `errors` holds what fetching has left, and is added to. `start` is the path to what is shaped. */
export function createShaping(
  errors: GatewayError[],
  ids: RequestContext,
  introspection: Readonly<Record<string, unknown>> | null,
  found: FoundPart[] | null = null,
  start: ResponsePath = [],
): Shaping {
  const path: (string | number)[] = [...start]
  let coverage: ErrorCoverage | undefined // made for the first fault: most answers have none
  let reports = 0
  const add = (depth: number, code: ErrorCode, options: Pick<GatewayErrorOptions, 'message' | 'details'>): void => {
    coverage ??= createErrorCoverage(errors.flatMap((error) => (error.path === undefined ? [] : [error.path])))
    const place: ResponsePath = path.slice(0, depth)
    if (coverage.explains(place)) return
    coverage.add(place)
    reports += 1
    if (reports <= MAXIMUM_REPORTS) errors.push(gatewayError(code, ids, { ...options, path: place }))
  }
  return {
    path,
    introspection,
    ids,
    found,
    report: (depth, message) => add(depth, 'SUBGRAPH_BAD_RESPONSE', { message }),
    withhold: (depth, { code, details }) => add(depth, code, { details }),
  }
}
