import cors from 'cors'
import type { RequestHandler } from 'express'

const DAY_SECONDS = 86_400
const EXPOSED_HEADERS = ['x-request-id', 'retry-after']

/** Lets pages of the listed origins read answers; no others. Credentials travel in `Authorization`, never in cookies. */
export function crossOrigin(allowedOrigins: readonly string[]): RequestHandler {
  return cors({
    origin: [...allowedOrigins],
    methods: ['GET', 'POST', 'OPTIONS'],
    allowedHeaders: [
      'authorization',
      'content-type',
      'last-event-id',
      'x-request-id',
      'traceparent',
      'apollo-require-preflight',
      'x-apollo-operation-name',
      'apollographql-client-name',
      'apollographql-client-version',
    ],
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: DAY_SECONDS,
  })
}

/** What `crossOrigin` sets on the answer to a POST, names and values in turn. */
export function crossOriginHeaders(allowedOrigins: readonly string[], origin: string | undefined): string[] {
  const headers = ['vary', 'Origin', 'access-control-expose-headers', EXPOSED_HEADERS.join()]
  if (origin !== undefined && allowedOrigins.includes(origin)) headers.push('access-control-allow-origin', origin)
  return headers
}
