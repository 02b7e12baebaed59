/**
 * How the gateway reaches a subgraph over HTTP. In: a subgraph, a ready JSON body, the headers to pass on. Out: a GraphQL
 * response in its parsed form. It refuses to interpret GraphQL, and turns every fault of the network into one of
 * SUBGRAPH_UNAVAILABLE, SUBGRAPH_TIMEOUT and SUBGRAPH_BAD_RESPONSE, whose cause is for the log alone.
 */
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
  /** Rejects with AppError (the three codes above) or RequestAborted. Throws where a hook has made headers that can't be sent. */
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
  const starts = new WeakMap<SubgraphEndpoint, string>()
  const poolFor = ({ url }: SubgraphEndpoint): ConnectionPool => {
    const known = pools.get(url.origin)
    if (known !== undefined) return known
    const pool = new ConnectionPool(url)
    pools.set(url.origin, pool)
    return pool
  }
  const startFor = (endpoint: SubgraphEndpoint): string => {
    const known = starts.get(endpoint)
    if (known !== undefined) return known
    const start = requestStart(endpoint.url)
    starts.set(endpoint, start)
    return start
  }
  const toOutgoing = (endpoint: SubgraphEndpoint, request: SubgraphRequest): Outgoing => ({
    text: requestText(startFor(endpoint), headersFor(endpoint, request, options), request.body),
    repeatable: request.repeatable,
    timeoutMs: options.timeouts?.get(endpoint.name) ?? options.timeoutMs,
    maxResponseBytes: options.maxResponseBytes,
    cancellation: request.cancellation,
  })
  return {
    send(endpoint, request) {
      return exchange(poolFor(endpoint), toOutgoing(endpoint, request), readSubgraphResponse)
    },
    async check(endpoint) {
      if (!endpoint.url.protocol.startsWith('http')) return
      const outgoing = { ...toOutgoing(endpoint, CHECK), timeoutMs: CHECK_TIMEOUT_MS }
      await exchange(poolFor(endpoint), outgoing, () => undefined)
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
