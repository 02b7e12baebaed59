import { GraphQLError } from 'graphql'
import { AppError, type ErrorDetail } from '../platform/errors/app-error.js'
import { errorCodes, type ErrorCode } from '../platform/errors/error-codes.js'
import type { RequestContext } from '../platform/log/request-context.js'

export type ResponsePath = readonly (string | number)[]

export interface GatewayErrorOptions {
  /** Fit for a client's eyes; the code's own sentence unless given. */
  readonly message?: string | undefined
  /** Where in the client's document. */
  readonly path?: ResponsePath | undefined
  /** The subgraph at fault. */
  readonly service?: string | undefined
  readonly details?: readonly ErrorDetail[] | undefined
  readonly retryAfterSeconds?: number | undefined
}

/** An error in its last form: coded, masked, with nothing in it that a client must not read. Doors send it as it is. */
export class GatewayError extends GraphQLError {
  constructor(code: string, message: string, ids: RequestContext, options: Omit<GatewayErrorOptions, 'message'> = {}) {
    super(message, {
      ...(options.path !== undefined && { path: options.path }),
      extensions: {
        code,
        ...(options.service !== undefined && { service: options.service }),
        ...(options.details !== undefined && options.details.length > 0 && { details: options.details }),
        ...(options.retryAfterSeconds !== undefined && { retryAfter: options.retryAfterSeconds }),
        traceId: ids.traceId,
        timestamp: new Date().toISOString(),
      },
    })
    this.name = 'GatewayError'
  }
}

/** A refusal of the closed list as a client sees it. */
export function gatewayError(code: ErrorCode, ids: RequestContext, options: GatewayErrorOptions = {}): GatewayError {
  return new GatewayError(code, options.message ?? errorCodes[code].message, ids, options)
}

/** Anything caught: an AppError keeps its code and sentence, everything else is a bug and becomes INT_INTERNAL_ERROR. */
export function gatewayErrorFrom(error: unknown, ids: RequestContext, options: GatewayErrorOptions = {}): GatewayError {
  if (error instanceof GatewayError) return error
  if (!(error instanceof AppError)) return gatewayError('INT_INTERNAL_ERROR', ids, options)
  const { message, details, retryAfterSeconds } = error
  return gatewayError(error.code, ids, { message, details, retryAfterSeconds, ...options })
}

/** The operation can't run at all: what is wrong with it, in the words of graphql-js. Caught by the pipeline. */
export class OperationRefused extends Error {
  readonly errors: readonly GraphQLError[]

  constructor(errors: readonly GraphQLError[]) {
    super(errors[0]?.message ?? 'The operation was refused.')
    this.name = 'OperationRefused'
    this.errors = errors
  }
}
