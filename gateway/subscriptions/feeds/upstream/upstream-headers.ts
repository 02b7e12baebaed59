import { validateHeaderName, validateHeaderValue } from 'node:http'
import { AppError } from '../../../../platform/errors/app-error.js'
import type { LiveFieldRequest } from '../live-field-request.js'

/**
 * What a subgraph is told of the caller besides the token: the headers configured to be passed on; names and values in turn.
 * Nothing of one request alone, such as its id or the client's address: many callers who agree in these share a stream.
 */
export function passedHeaders({ headers: sent }: LiveFieldRequest, names: readonly string[]): string[] {
  const headers: string[] = []
  for (const name of names) {
    const value = sent?.[name]
    if (value !== undefined) headers.push(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return headers
}

/** Throws AUTH_TOKEN_INVALID for a token that can't stand in a header. */
export function assertToken(authorization: string | null): void {
  if (authorization !== null && !isHeader('authorization', authorization)) throw new AppError('AUTH_TOKEN_INVALID')
}

/** Throws for headers that no connection could carry: those of a hook are not ours. */
export function assertHeaders(headers: readonly string[]): void {
  for (const [name, value] of headersIn(headers)) {
    if (!isHeader(name, value)) throw new Error(`'${name}' can't be a header, or its value can't`)
  }
}

/** Pairs, of names and values in turn. */
export function headersIn(headers: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let index = 0; index + 1 < headers.length; index += 2)
    pairs.push([headers[index] ?? '', headers[index + 1] ?? ''])
  return pairs
}

function isHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return true
  } catch {
    return false
  }
}
