import { AppError } from '../platform/errors/app-error.js'
import type { Logger } from '../platform/log/logger.js'

/** Logs what has gone wrong, where, and with which code, but no words of it: messages and stack traces repeat values. */
export function discreetLogger(logger: Logger): Logger {
  return logger.child({}, { serializers: { err: withoutWords, subgraphError: () => WITHHELD } })
}

const WITHHELD = '[withheld: the operation is sensitive]'

interface WordlessError {
  readonly type: string
  readonly code?: string
  readonly message: string
  readonly cause?: WordlessError
}

function withoutWords(error: unknown): WordlessError {
  const type = error instanceof Error ? error.name : typeof error
  const cause = error instanceof Error && error.cause instanceof Error ? { cause: withoutWords(error.cause) } : {}
  return { type, ...codeOf(error), message: WITHHELD, ...cause }
}

/** Of our own list, or of the system's (`ECONNRESET`): what else is called a code may be anything. */
function codeOf(error: unknown): { code?: string } {
  if (error instanceof AppError) return { code: error.code }
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' && /^[A-Z_]{3,40}$/.test(code) ? { code } : {}
}
