import { AppError } from '../../platform/errors/app-error.js'
import { isDataObject, type DataObject } from '../data-object.js'
import { refusalByStatus } from './subgraph-refusals.js'

/** A subgraph's answer: well formed, its content not yet judged. */
export interface SubgraphResponse {
  readonly data: DataObject | null
  readonly errors: readonly SubgraphError[]
}

/** An error as a subgraph sent it: nothing in it may reach a client unseen. */
export interface SubgraphError {
  readonly message: string
  readonly path: readonly (string | number)[] | null
  readonly extensions: DataObject
}

const JSON_TYPES = ['application/json', 'application/graphql-response+json']

/**
 * Reads the body of a GraphQL response. The status is asked only where there is none: many servers answer GraphQL errors with
 * 4xx and 5xx. Throws AUTH_TOKEN_INVALID and AUTHZ_FORBIDDEN for a bare 401 and 403, SUBGRAPH_BAD_RESPONSE for whatever else is
 * not JSON, or JSON that is not a GraphQL response.
 */
export function readSubgraphResponse(contentType: string, body: string, status = 200): SubgraphResponse {
  try {
    if (!JSON_TYPES.some((type) => contentType.startsWith(type)))
      throw unreadable(`content type ${contentType || 'missing'}`)
    return subgraphResponseFrom(parseJson(body))
  } catch (error) {
    throw refusalByStatus(status) ?? error
  }
}

/** The same for what is parsed already. Throws SUBGRAPH_BAD_RESPONSE. */
export function subgraphResponseFrom(parsed: unknown): SubgraphResponse {
  if (!isDataObject(parsed)) throw unreadable('the body is not a JSON object')
  const { data, errors } = parsed
  if (data !== undefined && data !== null && !isDataObject(data)) throw unreadable('data is not an object')
  if (errors !== undefined && errors !== null && !Array.isArray(errors)) throw unreadable('errors is not a list')
  const response = { data: data ?? null, errors: Array.isArray(errors) ? errors.map(readSubgraphError) : [] }
  if (response.data === null && response.errors.length === 0) throw unreadable('no data, and no error that says why')
  return response
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (cause) {
    throw unreadable('the body is not JSON', cause)
  }
}

/** An error in the form it should have, whatever was sent. */
export function readSubgraphError(error: unknown): SubgraphError {
  if (!isDataObject(error)) return { message: '', path: null, extensions: {} }
  const { message, path, extensions } = error
  return {
    message: typeof message === 'string' ? message : '',
    path: Array.isArray(path) && path.every(isPathElement) ? path : null,
    extensions: isDataObject(extensions) ? extensions : {},
  }
}

function isPathElement(element: unknown): element is string | number {
  return typeof element === 'string' || typeof element === 'number'
}

function unreadable(reason: string, cause?: unknown): AppError {
  return new AppError('SUBGRAPH_BAD_RESPONSE', { cause: new Error(reason, { cause }) })
}
