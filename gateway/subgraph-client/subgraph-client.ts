/**
 * How the gateway reaches a subgraph over HTTP. In: a subgraph, a ready JSON body, the headers to pass on. Out: a GraphQL
 * response in its parsed form. It refuses to interpret GraphQL, and turns every fault of the network into one of
 * SUBGRAPH_UNAVAILABLE, SUBGRAPH_TIMEOUT and SUBGRAPH_BAD_RESPONSE, whose cause is for the log alone.
 */
import { AppError } from '../../platform/errors/app-error.js'
import type { SubgraphEndpoint } from './subgraph-endpoint.js'
import { neverCancelled, type Cancellation } from './cancellation.js'
import { ConnectionPool } from './connection-pool.js'
import { exchange, type Outgoing } from './exchange.js'
import { RequestHeaders, requestStart, requestText } from './request-headers.js'
import { readSubgraphResponse, type SubgraphResponse } from './subgraph-response.js'

export interface SubgraphRequest {
  /** JSON: query and variables. */
  readonly body: string
  /** JSON_HEADERS among them. */
  readonly headers: RequestHeaders
  /** True for queries: sent once more when a kept-alive connection turns out to be closed. */
  readonly repeatable: boolean
  readonly cancellation: Cancellation
}

export interface SubgraphClient {
  /**
   * Rejects with AppError (the three codes above) or RequestAborted. Throws where a hook has made headers that can't be sent,
   * and AppError SUBGRAPH_UNAVAILABLE for an endpoint that is not reached over HTTP.
   */
  send(endpoint: SubgraphEndpoint, request: SubgraphRequest): Promise<SubgraphResponse>
  /** Resolves when the subgraph answers HTTP at all; throws otherwise. */
  check(endpoint: SubgraphEndpoint): Promise<void>
  /** Closes the connections to every origin that is not among these, once their answers have arrived. */
  keepOnly(endpoints: Iterable<SubgraphEndpoint>): void
  close(): Promise<void>
}

export interface SubgraphClientOptions {
  readonly timeoutMs: number
  /** In place of it, by the name of a subgraph. */
  readonly timeouts?: ReadonlyMap<string, number>
  readonly maxResponseBytes: number
  /**
   * Called before every request to a subgraph, with its name and the headers it is to have, names and values in turn. What it
   * returns is sent in their place: to add a signature or a tenant, to take a header out. Throwing fails the fetch.
   */
  readonly willSendRequest?: (service: string, headers: readonly string[]) => readonly string[]
}

/** Begin the headers of every request. */
export const JSON_HEADERS: readonly string[] = ['content-type', 'application/json', 'accept', 'application/json']

const CHECK_TIMEOUT_MS = 900 // below the limit of a readiness check

export function createSubgraphClient(options: SubgraphClientOptions): SubgraphClient {
  const pools = new Map<string, ConnectionPool>()
  const routes = new WeakMap<SubgraphEndpoint, Route>()
  const routeTo = (endpoint: SubgraphEndpoint): Route => {
    const known = routes.get(endpoint)
    if (known !== undefined) return known
    const route = readRoute(endpoint)
    routes.set(endpoint, route)
    return route
  }
  const poolFor = ({ url, origin }: Route): ConnectionPool => {
    const known = pools.get(origin)
    if (known !== undefined) return known
    const pool = new ConnectionPool(url)
    pools.set(origin, pool)
    return pool
  }
  const toOutgoing = (start: string, endpoint: SubgraphEndpoint, request: SubgraphRequest): Outgoing => ({
    text: requestText(start, headersFor(endpoint, request, options), request.body),
    repeatable: request.repeatable,
    timeoutMs: options.timeouts?.get(endpoint.name) ?? options.timeoutMs,
    maxResponseBytes: options.maxResponseBytes,
    cancellation: request.cancellation,
  })
  return {
    send(endpoint, request) {
      const route = routeTo(endpoint)
      return exchange(poolFor(route), toOutgoing(route.start, endpoint, request), readSubgraphResponse)
    },
    async check(endpoint) {
      const route = routeTo(endpoint)
      const outgoing = { ...toOutgoing(route.start, endpoint, CHECK), timeoutMs: CHECK_TIMEOUT_MS }
      await exchange(poolFor(route), outgoing, () => undefined)
    },
    keepOnly(endpoints) {
      const kept = new Set([...endpoints].map((endpoint) => endpoint.url.origin))
      for (const [origin, pool] of pools) {
        if (kept.has(origin)) continue
        pools.delete(origin)
        pool.close()
      }
    },
    async close() {
      for (const pool of pools.values()) pool.destroy()
      pools.clear()
    },
  }
}

/** What of an endpoint every request to it needs; read from its address once. */
interface Route {
  readonly url: URL
  readonly origin: string
  readonly start: string
}

function readRoute({ url }: SubgraphEndpoint): Route {
  if (!url.protocol.startsWith('http'))
    throw new AppError('SUBGRAPH_UNAVAILABLE', { cause: new Error('not an HTTP URL') })
  return { url, origin: url.origin, start: requestStart(url) }
}

/** What a readiness check asks: any answer will do. */
const CHECK: SubgraphRequest = {
  body: '{"query":"{__typename}"}',
  headers: new RequestHeaders(JSON_HEADERS),
  repeatable: true,
  cancellation: neverCancelled,
}

function headersFor(
  { name }: SubgraphEndpoint,
  { headers }: SubgraphRequest,
  { willSendRequest }: SubgraphClientOptions,
): RequestHeaders {
  return willSendRequest === undefined ? headers : new RequestHeaders(willSendRequest(name, headers.list))
}
