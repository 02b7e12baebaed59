import { AppError } from '../../platform/errors/app-error.js'
import type { ErrorCode } from '../../platform/errors/error-codes.js'

/** What a status of HTTP, or a close code made after it, says of the caller; null where it says nothing of them. */
export function refusalByStatus(status: number): AppError | null {
  if (status === 401) return new AppError('AUTH_TOKEN_INVALID')
  if (status === 403) return new AppError('AUTHZ_FORBIDDEN')
  return null
}

/** The same by the codes that Apollo's servers have for it: https://www.apollographql.com/docs/apollo-server/v3/data/errors */
const foreign: ReadonlyMap<unknown, ErrorCode> = new Map([
  ['UNAUTHENTICATED', 'AUTH_TOKEN_INVALID'],
  ['FORBIDDEN', 'AUTHZ_FORBIDDEN'],
])

/** The code of the closed list for one that others refuse callers with; undefined for any other. */
export function refusalByForeignCode(code: unknown): ErrorCode | undefined {
  return foreign.get(code)
}
