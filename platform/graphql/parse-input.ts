import type { z } from 'zod'
import { AppError } from '../errors/app-error.js'
import type { ErrorCode } from '../errors/error-codes.js'

/**
 * Input that GraphQL's types have let through, checked against a zod schema: lengths, forms, ranges. Throws AppError with
 * every field at fault; one fault alone gives its exact code, several give VAL_VALIDATION_FAILED. Values are never repeated.
 */
export function parseInput<Value>(schema: z.ZodType<Value>, input: unknown, root = 'input'): Value {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues
  const details = issues.slice(0, 20).map((issue) => ({ field: fieldPath(root, issue.path), reason: issue.message }))
  const [only] = issues
  throw new AppError(issues.length === 1 && only ? codeFor(only) : 'VAL_VALIDATION_FAILED', { details })
}

function fieldPath(root: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${String(key)}`),
    root,
  )
}

function codeFor(issue: z.core.$ZodIssue): ErrorCode {
  if (issue.code === 'too_big' && issue.origin === 'string') return 'VAL_FIELD_TOO_LONG'
  if (issue.code === 'too_small' && issue.origin === 'string') return 'VAL_FIELD_TOO_SHORT'
  if (issue.code === 'invalid_format') return 'VAL_INVALID_FORMAT'
  return 'VAL_VALIDATION_FAILED'
}
