import type { ExecutionResult } from 'graphql'
import { AppError } from '../../../platform/errors/app-error.js'
import { isErrorCode } from '../../../platform/errors/error-codes.js'

/** Runs a query as the subscriber would: same caller, same request ids. */
export type RunQuery = (query: string, variables: Readonly<Record<string, unknown>>) => Promise<ExecutionResult>

/**
 * Asks the graph itself whether this caller may follow this thing. Throws the guard's own refusal where it errs, and
 * RES_NOT_FOUND where it answers null: somebody else's thing is answered like a missing one.
 */
export async function checkGuard(guard: string, args: Readonly<Record<string, unknown>>, run: RunQuery): Promise<void> {
  const { data, errors } = await run(guard, args)
  const [first] = errors ?? []
  if (first) throw refusalFrom(first)
  if (!data || Object.values(data).some((value) => value === null)) throw new AppError('RES_NOT_FOUND')
}

function refusalFrom(error: NonNullable<ExecutionResult['errors']>[number]): AppError {
  if (error.originalError instanceof AppError) return error.originalError
  const code = error.extensions['code']
  return isErrorCode(code)
    ? new AppError(code, { message: error.message, cause: error })
    : new AppError('INT_INTERNAL_ERROR', { cause: error })
}
