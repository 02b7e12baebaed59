import { pino, type DestinationStream, type Logger } from 'pino'
import { currentRequestContext } from './request-context.js'

export type { Logger }

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

export interface LoggerOptions {
  readonly service: string
  readonly level: LogLevel
  /** Where lines go; standard output unless given. */
  readonly destination?: DestinationStream
}

/**
 * Secrets are kept out by never logging bodies or variables. This list is the second fence, for objects that are logged
 * whole (a request's headers, a caught error with fields).
 */
const redactedPaths = [
  'password',
  'token',
  'accessToken',
  'refreshToken',
  'secret',
  'embedding',
  'template',
  'authorization',
  'cookie',
]
const redact = redactedPaths.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

/** A JSON logger to standard output: one line an event, with the service, the request id and the trace id. */
export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    level: options.level,
    base: { service: options.service },
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'message',
    formatters: { level: (label: string) => ({ level: label }) },
    mixin: () => ({ ...currentRequestContext() }),
    redact: { paths: redact, censor: '[redacted]' },
  }
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination)
}
