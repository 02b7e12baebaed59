import { AppError } from '../../../../platform/errors/app-error.js'
import { isErrorCode } from '../../../../platform/errors/error-codes.js'
import { isDataObject } from '../../../data-object.js'
import { readSubgraphError } from '../../../subgraph-client/subgraph-response.js'
import { errorDetails } from '../../../subgraph-client/mask-error.js'
import type { UpstreamEnd } from './upstream.js'

/** The errors a subgraph refuses a subscription with: the first of the closed list speaks; others are masked, for the log. */
export function refusedWith(errors: readonly unknown[]): Extract<UpstreamEnd, { kind: 'refused' }> {
  const read = errors.filter(isDataObject).map(readSubgraphError)
  for (const error of read) {
    const code = error.extensions['code']
    if (!isErrorCode(code)) continue
    const refusal = new AppError(code, { message: error.message, details: errorDetails(error) })
    return { kind: 'refused', refusal }
  }
  const subgraphError = read.map(({ message }) => message).join('; ')
  return { kind: 'refused', refusal: new AppError('INT_INTERNAL_ERROR'), subgraphError }
}

/** What a status of HTTP, or a close code made after it, says of the caller; null where it says nothing of them. */
export function refusalByStatus(status: number): AppError | null {
  if (status === 401) return new AppError('AUTH_TOKEN_INVALID')
  if (status === 403) return new AppError('AUTHZ_FORBIDDEN')
  return null
}
