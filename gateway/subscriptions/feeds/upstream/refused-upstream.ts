import { AppError } from '../../../../platform/errors/app-error.js'
import { isErrorCode } from '../../../../platform/errors/error-codes.js'
import { isDataObject } from '../../../data-object.js'
import { readSubgraphError } from '../../../subgraph-client/subgraph-response.js'
import { refusalByForeignCode } from '../../../subgraph-client/subgraph-refusals.js'
import { errorDetails } from '../../../subgraph-client/mask-error.js'
import type { UpstreamEnd } from './upstream.js'

/** The errors a subgraph refuses a subscription with: the first of the closed list speaks; others are masked, for the log. */
export function refusedWith(errors: readonly unknown[]): Extract<UpstreamEnd, { kind: 'refused' }> {
  const read = errors.filter(isDataObject).map(readSubgraphError)
  for (const error of read) {
    const code = error.extensions['code']
    if (isErrorCode(code)) {
      const refusal = new AppError(code, { message: error.message, details: errorDetails(error) })
      return { kind: 'refused', refusal }
    }
    const foreign = refusalByForeignCode(code)
    if (foreign !== undefined) return { kind: 'refused', refusal: new AppError(foreign) }
  }
  const subgraphError = read.map(({ message }) => message).join('; ')
  return { kind: 'refused', refusal: new AppError('INT_INTERNAL_ERROR'), subgraphError }
}
