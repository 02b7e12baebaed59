import type { Logger } from '../../platform/log/logger.js'
import { traceparentOf } from '../../platform/log/request-context.js'
import type { GatewayError } from '../gateway-error.js'
import type { GatewayRequest } from '../gateway-request.js'
import type { Cancellation } from '../subgraph-client/cancellation.js'
import { RequestHeaders } from '../subgraph-client/request-headers.js'
import { JSON_HEADERS, type SubgraphClient } from '../subgraph-client/subgraph-client.js'
import type { SubgraphEndpoint } from '../subgraph-client/subgraph-endpoint.js'
import type { DataObject } from '../data-object.js'

/** One run of a plan: what its steps read and what they add to. */
export interface Execution {
  readonly request: GatewayRequest
  /** Coerced, defaults filled in: what conditions look at. What is sent on is what the client gave. */
  readonly variables: Readonly<Record<string, unknown>>
  /** Grows with every fetch. */
  readonly data: DataObject
  readonly errors: GatewayError[]
  readonly subgraphs: ReadonlyMap<string, SubgraphEndpoint>
  readonly client: SubgraphClient
  readonly cancellation: Cancellation
  /** Passed on with every fetch. */
  readonly headers: RequestHeaders
  readonly logger: Logger
  /** Null for a plan without deferred parts. */
  readonly deferral: Deferral | null
}

/** A compiled node of a plan. Never rejects for a fault of a subgraph: those are added to the errors. */
export type Step = (execution: Execution) => Promise<void>

export interface DeferredPart {
  readonly id: string
  /** Ids of fetches. */
  readonly depends: readonly string[]
  /** Null when everything it shows has been fetched by what it stands in. */
  readonly step: Step | null
  /** A part of the root asks for everything anew: its lists must not be mixed with those of an earlier moment. */
  readonly atRoot: boolean
}

/** What the steps of one level of a plan report to. */
export interface Deferral {
  /** The fetch with this id is over, whatever it brought. */
  fetched(id: string): void
  /** Runs `part` once its fetches, or all of `primary`, are over. */
  schedule(part: DeferredPart, execution: Execution, primary: Promise<void>): void
}

/** What every request to a subgraph says of its body, and of the request it works for. `names` are further headers passed on. */
export function forwardedHeaders(
  { caller, ids, headers: sent }: GatewayRequest,
  names: readonly string[],
): RequestHeaders {
  const headers = [...JSON_HEADERS, 'x-request-id', ids.requestId, 'traceparent', traceparentOf(ids)]
  if (caller.authorization !== null) headers.push('authorization', caller.authorization)
  if (caller.address !== null) headers.push('x-forwarded-for', caller.address)
  if (caller.userAgent) headers.push('user-agent', caller.userAgent)
  for (const name of names) {
    if (name === 'user-agent') continue // passed on already, as it may be stored
    const value = sent?.[name]
    if (value !== undefined) headers.push(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return new RequestHeaders(headers)
}
