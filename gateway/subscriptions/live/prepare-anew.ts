import { AppError } from '../../../platform/errors/app-error.js'
import { OperationRefused } from '../../gateway-error.js'
import type { LiveField } from '../feeds/live-field.js'
import type { LiveMember } from './live-member.js'
import type { LivePipeline, PreparedLive } from './live-pipeline.js'

/**
 * A member's operation on the supergraph in use. What is not valid any longer has become so by that one: the operation was valid when
 * it began. Throws AppError and OperationRefused.
 */
export async function prepareAnew(
  { request }: LiveMember,
  pipeline: LivePipeline,
): Promise<{ prepared: PreparedLive; field: LiveField }> {
  try {
    const prepared = await pipeline.prepare(request)
    const field = prepared.field()
    if (field === null) throw new AppError('SUBSCRIPTION_SCHEMA_CHANGED')
    return { prepared, field }
  } catch (error) {
    throw isInvalid(error) ? new AppError('SUBSCRIPTION_SCHEMA_CHANGED', { cause: error }) : error
  }
}

const invalid = /^(GRAPHQL_.*|BAD_USER_INPUT|OPERATION_RESOLUTION_FAILURE|VAL_.*|PLAN_NOT_FOUND)$/

function isInvalid(error: unknown): boolean {
  const codes = error instanceof OperationRefused ? error.errors.map((each) => each.extensions['code']) : []
  if (error instanceof AppError) codes.push(error.code)
  return codes.some((code) => typeof code === 'string' && invalid.test(code))
}
