import type { ErrorDetail } from '../../platform/errors/app-error.js'
import { codeOf } from '../../platform/graphql/graphql-errors.js'
import type { RequestContext } from '../../platform/log/request-context.js'
import { isDataObject } from '../data-object.js'
import { GatewayError, gatewayError, type ResponsePath } from '../gateway-error.js'
import { refusalByForeignCode } from './subgraph-refusals.js'
import type { SubgraphError } from './subgraph-response.js'

/** Whether a subgraph's error may be shown: its code is of the closed list, or one servers give to faulty requests. */
export function isKnownError(error: SubgraphError): boolean {
  return knownCode(error) !== undefined || refusalByForeignCode(error.extensions['code']) !== undefined
}

/**
 * A subgraph's error as a client sees it: known codes keep code, message and details; those by which others refuse a caller become
 * ours; everything else is masked.
 */
export function maskSubgraphError(
  error: SubgraphError,
  service: string,
  path: ResponsePath | undefined,
  ids: RequestContext,
): GatewayError {
  const code = knownCode(error)
  if (code === undefined) {
    return gatewayError(refusalByForeignCode(error.extensions['code']) ?? 'INT_INTERNAL_ERROR', ids, { service, path })
  }
  const { retryAfter } = error.extensions
  return new GatewayError(code, error.message, ids, {
    service,
    path,
    details: errorDetails(error),
    retryAfterSeconds: typeof retryAfter === 'number' ? retryAfter : undefined,
  })
}

function knownCode({ message, extensions }: SubgraphError): string | undefined {
  return codeOf({ message, extensions })
}

/** The details a subgraph gave, as far as they have the form of details. */
export function errorDetails({ extensions: { details } }: SubgraphError): ErrorDetail[] {
  return Array.isArray(details) ? details.flatMap(readDetail) : []
}

function readDetail(value: unknown): ErrorDetail[] {
  if (!isDataObject(value)) return []
  const { field, reason } = value
  return typeof field === 'string' && typeof reason === 'string' ? [{ field, reason }] : []
}
