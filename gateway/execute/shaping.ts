import type { ErrorCode } from '../../platform/errors/error-codes.js'
import type { RequestContext } from '../../platform/log/request-context.js'
import type { Withholding } from '../operation/operation.js'
import { gatewayError, type GatewayError, type GatewayErrorOptions, type ResponsePath } from '../gateway-error.js'
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

/**
 * Makes one value of the answer from what subgraphs sent. `null` is null; `undefined` says that a non-null place has
 * nothing to show, so that the object or list around it becomes null (CompleteValue,
 * https://spec.graphql.org/October2021/#CompleteValue()). `depth` is the length of the path to the value.
 */
export type Complete = (raw: unknown, shaping: Shaping, depth: number) => unknown

export interface FieldShape {
  /** As the client calls it. */
  readonly name: string
  /** Where the data has it: the name, unless a plan reads something else there. */
  readonly key: string
  readonly complete: Complete
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
  return new RunningShaping(errors, ids, introspection, found, [...start])
}

class RunningShaping implements Shaping {
  readonly path: (string | number)[]
  readonly introspection: Readonly<Record<string, unknown>> | null
  readonly ids: RequestContext
  readonly found: FoundPart[] | null
  readonly #errors: GatewayError[]
  #coverage: ErrorCoverage | undefined // made for the first fault: most answers have none
  #reports = 0

  constructor(
    errors: GatewayError[],
    ids: RequestContext,
    introspection: Readonly<Record<string, unknown>> | null,
    found: FoundPart[] | null,
    path: (string | number)[],
  ) {
    this.#errors = errors
    this.ids = ids
    this.introspection = introspection
    this.found = found
    this.path = path
  }

  report(depth: number, message: string): void {
    this.#add(depth, 'SUBGRAPH_BAD_RESPONSE', { message })
  }

  withhold(depth: number, { code, details }: Withholding): void {
    this.#add(depth, code, { details })
  }

  #add(depth: number, code: ErrorCode, options: Pick<GatewayErrorOptions, 'message' | 'details'>): void {
    this.#coverage ??= createErrorCoverage(this.#errors.flatMap(({ path }) => (path === undefined ? [] : [path])))
    const place: ResponsePath = this.path.slice(0, depth)
    if (this.#coverage.explains(place)) return
    this.#coverage.add(place)
    this.#reports += 1
    if (this.#reports <= MAXIMUM_REPORTS) this.#errors.push(gatewayError(code, this.ids, { ...options, path: place }))
  }
}
