import type { GraphQLFormattedError } from 'graphql'
import { AppError } from '../../../platform/errors/app-error.js'
import type { ErrorCode } from '../../../platform/errors/error-codes.js'
import { completeRequestError } from '../../../platform/graphql/graphql-errors.js'
import type { Logger } from '../../../platform/log/logger.js'
import { withRequestContext, type RequestContext } from '../../../platform/log/request-context.js'
import { gatewayErrorFrom, OperationRefused } from '../../gateway-error.js'
import type { EndReason } from './live-metrics.js'

/** What a client is told at the end: coded, masked errors. What is none of the known refusals is a bug, and logged. */
export function lastWords(error: unknown, ids: RequestContext, logger: Logger): readonly GraphQLFormattedError[] {
  if (error instanceof OperationRefused) {
    return withRequestContext(ids, () => error.errors.map((each) => completeRequestError(each).toJSON()))
  }
  const masked = gatewayErrorFrom(error, ids)
  if (masked.extensions['code'] === 'INT_INTERNAL_ERROR') logger.error({ err: error }, 'a live stream failed')
  return [masked.toJSON()]
}

const reasons: Partial<Record<ErrorCode, EndReason>> = {
  SUBSCRIPTION_LAGGING: 'lagging',
  SUBSCRIPTION_SOURCE_UNAVAILABLE: 'source',
  SUBSCRIPTION_TOKEN_EXPIRED: 'token',
  SUBSCRIPTION_SESSION_ENDED: 'session',
  SUBSCRIPTION_SCHEMA_CHANGED: 'schema',
}

export function endReason(error: unknown): EndReason {
  return (error instanceof AppError ? reasons[error.code] : undefined) ?? 'refused'
}
