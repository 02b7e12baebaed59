/**
 * The rules of GraphQL over HTTP that do not depend on how a request is read or an answer written: every lane of the door
 * keeps to them. In: a request's method and headers, a result. Out: the media type and status of the answer, or the refusal
 * of a request that must not be executed. https://graphql.github.io/graphql-over-http/draft/
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { ExecutionResult, GraphQLFormattedError } from 'graphql'
import { GraphQLError } from 'graphql'
import { LRUCache } from 'lru-cache'
import Negotiator from 'negotiator'
import { errorCodes, isErrorCode } from '../../platform/errors/error-codes.js'

const JSON_TYPE = 'application/json'
const RESPONSE_TYPE = 'application/graphql-response+json'
const STREAMED_TYPES = ['multipart/mixed', 'text/event-stream']

/** The media type of an answer that comes in one piece. */
export type AnswerType = typeof JSON_TYPE | typeof RESPONSE_TYPE

const known = new LRUCache<string, { readonly type: AnswerType | null }>({ max: 100 }) // clients send a handful

/** The type the client prefers, JSON where it does not say; null where it accepts none of ours. */
export function answerType(accept: string | undefined): AnswerType | null {
  if (accept === undefined || accept === '' || accept === '*/*' || accept === JSON_TYPE) return JSON_TYPE
  const earlier = known.get(accept)
  if (earlier !== undefined) return earlier.type
  const preferred = new Negotiator({ headers: { accept } }).mediaType([JSON_TYPE, RESPONSE_TYPE])
  const type = preferred === JSON_TYPE || preferred === RESPONSE_TYPE ? preferred : null
  known.set(accept, { type })
  return type
}

/** For the `content-type` header. */
export function contentTypeOf(type: AnswerType): string {
  return `${type}; charset=utf-8`
}

/** What an operation that can't run is refused with; the request that carried it was well formed. */
const operationRefusals: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
])

/** What statusOf looks at: of a result its data, of its errors their codes. */
export interface Answer {
  readonly data?: ExecutionResult['data']
  readonly errors?: readonly Pick<GraphQLFormattedError, 'extensions'>[] | undefined
}

/**
 * The status of a whole answer. With `data`, also null, an operation was executed: 200. Without, it is the refusal's own,
 * save that JSON, which any intermediary may have written, tells a refused operation from a broken connection by 200.
 */
export function statusOf({ data, errors }: Answer, type: AnswerType): number {
  if (data !== undefined || errors === undefined) return 200
  const code = errors[0]?.extensions?.['code']
  if (operationRefusals.has(code)) return type === JSON_TYPE ? 200 : 400
  if (isErrorCode(code)) return errorCodes[code].status
  return code === 'BAD_REQUEST' ? 400 : 500
}

/** Whether a refusal is of the operation, or of our closed list, rather than of the host that read the request. */
export function isOurRefusal(code: unknown): boolean {
  return operationRefusals.has(code) || isErrorCode(code)
}

/**
 * Throws GraphQLError, coded and with a status, for a request that must not be executed: one that a page of a foreign
 * origin can make a browser send unasked, or whose answer the client could not read.
 */
export function refuseUnexecutable(method: string, headers: IncomingHttpHeaders): void {
  if (isForgeable(method, headers)) throw refusal(400, FORGEABLE)
  const { accept } = headers
  if (answerType(accept) === null && !STREAMED_TYPES.some((type) => accept?.includes(type))) {
    throw refusal(406, `The answer can be ${JSON_TYPE} or ${RESPONSE_TYPE}: accept one of them.`)
  }
}

const FORGEABLE =
  'A page of another site could have sent this. Send content-type: application/json, or apollo-require-preflight: 1.'

/** A browser asks before it sends these (https://fetch.spec.whatwg.org/#http-cors-protocol). */
const PREFLIGHTED_HEADERS = ['apollo-require-preflight', 'x-apollo-operation-name']
/** And these it does not (https://fetch.spec.whatwg.org/#cors-safelisted-request-header). */
const SAFELISTED_TYPES: ReadonlySet<string> = new Set([
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'text/plain',
])

/**
 * A POST as a form could make it, or a GET that the browser itself says another site has caused. Other GETs hold queries
 * alone, change nothing, and are let through.
 */
function isForgeable(method: string, headers: IncomingHttpHeaders): boolean {
  if (PREFLIGHTED_HEADERS.some((name) => headers[name] !== undefined && headers[name] !== '')) return false
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== undefined && type !== '' && !SAFELISTED_TYPES.has(type)) return false
  if (method !== 'GET') return true
  const site = headers['sec-fetch-site'] // absent unless a browser sends it
  return type !== undefined || site === 'cross-site' || site === 'same-site'
}

function refusal(status: number, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status } } })
}
