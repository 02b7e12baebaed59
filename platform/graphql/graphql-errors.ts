import { unwrapResolverError } from '@apollo/server/errors'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { AppError } from '../errors/app-error.js'
import { errorCodes, isErrorCode } from '../errors/error-codes.js'
import { currentRequestContext } from '../log/request-context.js'
import type { Logger } from '../log/logger.js'
import { withoutValues } from './without-values.js'

/** Codes that graphql-js and Apollo Server give to requests that never reached a resolver; their messages are safe. */
const requestCodes: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
])

/** How graphql-js says that it stopped counting: it gives this no code. */
const TOO_MANY_FAULTS = 'Too many errors processing variables, error limit reached. Execution aborted.'

/** An AppError as GraphQL carries it: `extensions { code, details, traceId, timestamp }` and the HTTP status for Apollo Server. */
export function toGraphQLError(error: AppError): GraphQLError {
  return new GraphQLError(error.message, {
    originalError: error,
    extensions: { ...extensionsOf(error), http: { status: errorCodes[error.code].status } },
  })
}

function extensionsOf(error: AppError): Record<string, unknown> {
  return {
    code: error.code,
    ...(error.details.length > 0 && { details: error.details }),
    ...(error.retryAfterSeconds !== undefined && { retryAfter: error.retryAfterSeconds }),
    ...stamp(),
  }
}

function stamp(): { traceId: string | undefined; timestamp: string } {
  return { traceId: currentRequestContext()?.traceId, timestamp: new Date().toISOString() }
}

/**
 * Apollo Server's `formatError`: the one place where a subgraph's errors become what a client sees. AppErrors keep their
 * code and message, request errors (syntax, validation, variables) keep theirs, and anything else is a bug: logged with
 * its cause and answered as INT_INTERNAL_ERROR.
 */
export function createErrorFormatter(logger: Logger) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const original = unwrapResolverError(error)
    const place = {
      ...(formatted.path && { path: formatted.path }),
      ...(formatted.locations && { locations: formatted.locations }),
    }
    const refusal = original instanceof AppError ? original : causedByAppError(original)
    if (refusal) {
      if (errorCodes[refusal.code].status >= 500) logger.warn({ err: refusal }, 'request refused')
      return { message: refusal.message, ...place, extensions: extensionsOf(refusal) }
    }
    const isUncounted = formatted.message === TOO_MANY_FAULTS && formatted.path === undefined
    const code = isUncounted ? 'BAD_USER_INPUT' : formatted.extensions?.['code']
    if (requestCodes.has(code)) {
      return { message: withoutValues(formatted.message), ...place, extensions: { code, ...stamp() } }
    }
    logger.error({ err: original }, 'unexpected error')
    return {
      message: errorCodes.INT_INTERNAL_ERROR.message,
      ...place,
      extensions: { code: 'INT_INTERNAL_ERROR', ...stamp() },
    }
  }
}

/** The same for a door without Apollo Server: an error in the words of graphql-js as a client sees it, with what others carry. */
export function completeRequestError(error: GraphQLError): GraphQLError {
  if ('timestamp' in error.extensions) return error
  const { nodes, source, positions, path } = error
  const extensions = { ...error.extensions, ...stamp() }
  return new GraphQLError(withoutValues(error.message), { nodes, source, positions, path, extensions })
}

function causedByAppError(error: unknown): AppError | undefined {
  const inner = error instanceof GraphQLError ? error.originalError : undefined
  return inner instanceof AppError ? inner : undefined
}

/** Rebuilds the code of an error another process sent, when it is one of ours. */
export function codeOf(error: GraphQLFormattedError): string | undefined {
  const code = error.extensions?.['code']
  return isErrorCode(code) || requestCodes.has(code) ? String(code) : undefined
}
