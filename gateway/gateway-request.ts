import type { IncomingHttpHeaders } from 'node:http'
import type { DocumentNode } from 'graphql'
import type { Principal } from '../platform/identity/principal.js'
import type { RequestContext } from '../platform/log/request-context.js'
import type { Cancellation } from './subgraph-client/cancellation.js'

/** Who sent an operation, settled once a request (HTTP) or once a socket (WebSocket). */
export interface Caller {
  /** Null without a token, or when no key set is configured: then the header is only passed on. */
  readonly principal: Principal | null
  /** The `Authorization` header as it came, passed on to the subgraphs, which verify it again. */
  readonly authorization: string | null
  /** The client's address as the first trusted proxy saw it. */
  readonly address: string | null
  /** What the client calls itself: printable, at most 256 characters. */
  readonly userAgent?: string | null
}

/** One operation, whatever door it came through. */
export interface GatewayRequest {
  readonly query: string
  /** Set where the door has parsed and validated already (Apollo Server). */
  readonly document?: DocumentNode
  readonly operationName: string | undefined
  readonly variables: Readonly<Record<string, unknown>>
  readonly caller: Caller
  /** True for an operation that came in an address (GET), which is written down on its way. */
  readonly isAddress?: boolean
  readonly ids: RequestContext
  /** As the client sent them, of a WebSocket those of its upgrade. For choices about the request: subgraphs don't get them. */
  readonly headers?: IncomingHttpHeaders
  /** Aborted when the client goes away: fetches under way are cancelled. */
  readonly signal: AbortSignal
  /** Tells the same as the signal, where a door can tell without one. */
  readonly cancellation?: Cancellation
}
