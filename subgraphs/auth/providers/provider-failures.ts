import { errors as joseErrors } from 'jose'
import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client'
import { z } from 'zod'
import type { ErrorCode } from '../../../platform/errors/error-codes.js'

export interface ProviderFailure {
  readonly code: Extract<ErrorCode, 'AUTH_PROVIDER_REFUSED' | 'INT_EXTERNAL_SERVICE_ERROR'>
  /** For a person. */
  readonly message: string
  /** For the log: the names of what went wrong, without what was sent or received. */
  readonly reason: string
}

/** What went wrong at the provider's end or in our configuration of it, and is no fault of who signs in. */
const configurationFaults = ['invalid_client', 'unauthorized_client', 'unsupported_grant_type', 'server_error']
const outages = [
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
]

/** What to tell of an error of the libraries: their own words may hold codes and tokens. */
export function failureOf(error: unknown, provider: string): ProviderFailure {
  const reason = reasonOf(error)
  if (error instanceof AuthorizationResponseError) {
    const message = `${provider} did not sign you in: begin again, or sign in another way.`
    return { code: 'AUTH_PROVIDER_REFUSED', message, reason }
  }
  if (isRefusal(error)) {
    const message = `What ${provider} answered does not hold: begin again.`
    return { code: 'AUTH_PROVIDER_REFUSED', message, reason }
  }
  const message = `${provider} can not be used just now: try again shortly, or sign in another way.`
  return { code: 'INT_EXTERNAL_SERVICE_ERROR', message, reason }
}

function isRefusal(error: unknown): boolean {
  if (error instanceof ResponseBodyError) return !configurationFaults.includes(error.error)
  if (error instanceof ClientError) return error.code !== undefined && !outages.includes(error.code) // without: fetch failed
  if (error instanceof joseErrors.JOSEError) {
    return (
      !(error instanceof joseErrors.JWKSTimeout || error instanceof joseErrors.JWKSInvalid) &&
      error.code !== 'ERR_JOSE_GENERIC'
    )
  }
  return error instanceof z.ZodError || (error instanceof Error && error.name === 'NotAskedAnewError')
}

const named = z.object({ name: z.string(), code: z.string().optional(), error: z.string().max(100).optional() })

function reasonOf(error: unknown): string {
  const { name = 'unknown', code, error: oauth } = named.partial().safeParse(error).data ?? {}
  return [name, code, oauth].filter((part) => part !== undefined).join(' ')
}
