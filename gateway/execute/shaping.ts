import { gatewayError, type GatewayError, type ResponsePath } from '../gateway-error.js'
import type { RequestContext } from '../../platform/log/request-context.js'
import { createErrorCoverage, type ErrorCoverage } from './error-coverage.js'

/** One run of a shaper: where it is, and what it has to complain about. */
export interface Shaping {
  /** Overwritten in place; its first `depth` elements are the path to the value at hand. */
  readonly path: (string | number)[]
  /** The operation's `__schema` and `__type` fields, answered from the API schema. */
  readonly introspection: Readonly<Record<string, unknown>> | null
  /** Adds an error for the value at `depth`, unless an error at, above or below it tells already. */
  report(depth: number, message: string): void
}

const MAXIMUM_REPORTS = 100 // an answer must not grow with its faults

/** `errors` holds what fetching has left, and is added to. */
export function createShaping(
  errors: GatewayError[],
  ids: RequestContext,
  introspection: Readonly<Record<string, unknown>> | null,
): Shaping {
  const path: (string | number)[] = []
  let coverage: ErrorCoverage | undefined // made for the first fault: most answers have none
  let reports = 0
  return {
    path,
    introspection,
    report(depth, message) {
      coverage ??= createErrorCoverage(errors.flatMap((error) => (error.path === undefined ? [] : [error.path])))
      const place: ResponsePath = path.slice(0, depth)
      if (coverage.explains(place)) return
      coverage.add(place)
      reports += 1
      if (reports <= MAXIMUM_REPORTS) errors.push(gatewayError('SUBGRAPH_BAD_RESPONSE', ids, { message, path: place }))
    },
  }
}
