import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import type { IncrementalSpec } from '../../incremental/incremental-result.js'

/** An operation as it came in a POST or an address. */
export interface StreamRequest {
  /** Empty where the operation is named by its hash alone. */
  readonly query: string
  readonly operationName: string | undefined
  readonly variables: Readonly<Record<string, unknown>>
  /** Of the last answer the client had. */
  readonly cursor: string | null
  /** As they came: among them may be the operation's hash. */
  readonly extensions: unknown
  /** The form of an answer in parts; an event stream's `Accept` has no place for it. */
  readonly incrementalSpec: IncrementalSpec
}

/** What of an HTTP request carries its operation; `body` and `query` are parsed. */
export interface CarryingRequest {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly body?: unknown
  readonly query: unknown
}

const MAXIMUM_CURSOR = 1_024 // ours have about 150 characters

const cursor = z.string().max(MAXIMUM_CURSOR)
const operation = z.object({
  query: z.string().default(''),
  operationName: z.string().min(1).nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  extensions: z
    .looseObject({ cursor: cursor.nullish(), incrementalSpec: z.unknown(), persistedQuery: z.unknown() })
    .partial()
    .nullish(),
})

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    context.issues.push({ code: 'custom', input: text, message: 'is not JSON' })
    return z.NEVER
  }
})
const address = z.object({ variables: json.optional(), extensions: json.optional() })

/** Null for what is no operation of this form: the long way has the words for it. */
export function readStreamRequest({ method, headers, body, query }: CarryingRequest): StreamRequest | null {
  const read = operation.safeParse(method === 'GET' ? fromAddress(query) : body)
  if (!read.success) return null
  const { query: text, operationName, variables, extensions } = read.data
  if (text === '' && extensions?.persistedQuery === undefined) return null
  const resumed = cursor.safeParse(headers['last-event-id']).data // newer than what the request first began with
  return {
    query: text,
    operationName: operationName ?? undefined,
    variables: variables ?? {},
    extensions,
    cursor: resumed || extensions?.cursor || null,
    incrementalSpec: extensions?.incrementalSpec === 'v0.2' ? 'v0.2' : '20220824',
  }
}

function fromAddress(query: unknown): unknown {
  const read = address.safeParse(query)
  return read.success && typeof query === 'object' ? { ...query, ...read.data } : null
}
