import { errorCodes, type ErrorCode } from './error-codes.js'

/** Which input is at fault and why, in words for a person. `field` is a path such as `input.embedding[3]`. */
export interface ErrorDetail {
  readonly field: string
  readonly reason: string
}

export interface AppErrorOptions {
  /** Replaces the table's message; must be fit for a client's eyes. */
  readonly message?: string
  readonly details?: readonly ErrorDetail[]
  /** Seconds after which a retry makes sense. */
  readonly retryAfterSeconds?: number
  /** What was caught; logged, never sent. */
  readonly cause?: unknown
}

/**
 * A refusal a client is told about: a code of the closed list, a sentence to act on, and the fields at fault.
 * Everything that is not an AppError (or a GraphQL syntax or validation error) is a bug and is masked.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: readonly ErrorDetail[]
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(
      options.message ?? errorCodes[code].message,
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.name = 'AppError'
    this.code = code
    this.details = options.details ?? []
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}
