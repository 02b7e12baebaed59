/**
 * How the gateway reaches a subgraph over HTTP. In: a subgraph, a ready JSON body, the headers to pass on. Out: a GraphQL
 * response in its parsed form. It refuses to interpret GraphQL, and turns every fault of the network into one of
 * SUBGRAPH_UNAVAILABLE, SUBGRAPH_TIMEOUT and SUBGRAPH_BAD_RESPONSE, whose cause is for the log alone.
 */
import { Pool } from 'undici'
import { AppError } from '../../platform/errors/app-error.js'
import type { Logger } from '../../platform/log/logger.js'
import type { SubgraphEndpoint } from './subgraph-endpoint.js'
import { neverCancelled, type Cancellation } from './cancellation.js'
import { exchange, type Incoming, type Outgoing } from './exchange.js'
import { readSubgraphResponse, type SubgraphResponse } from './subgraph-response.js'

export interface SubgraphRequest {
  /** JSON: query and variables. */
  readonly body: string
  /** Names and values in turn, JSON_HEADERS among them; used as they are, and not changed. */
  readonly headers: string[]
  /** True for queries: sent once more when a kept-alive connection turns out to be closed. */
  readonly repeatable: boolean
  readonly cancellation: Cancellation
}

export interface SubgraphClient {
  /** Throws AppError (the three codes above) or RequestAborted. */
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
  readonly logger: Logger
  /**
   * Called before every request to a subgraph, with its name and the headers it is to have, names and values in turn. What it
   * returns is sent in their place: to add a signature or a tenant, to take a header out. Throwing fails the fetch.
   */
  readonly willSendRequest?: (service: string, headers: readonly string[]) => readonly string[]
}

/** Begin the headers of every request. */
export const JSON_HEADERS: readonly string[] = ['content-type', 'application/json', 'accept', 'application/json']

const CONNECTIONS = 256 // an origin; above that a queue is better for the subgraph than more sockets
const CHECK_TIMEOUT_MS = 900 // below the limit of a readiness check

export function createSubgraphClient(options: SubgraphClientOptions): SubgraphClient {
  const pools = new Map<string, Pool>()
  const poolFor = (endpoint: SubgraphEndpoint): Pool => {
    const known = pools.get(endpoint.url.origin)
    if (known !== undefined) return known
    const pool = new Pool(endpoint.url.origin, { connections: CONNECTIONS, connect: { timeout: options.timeoutMs } })
    pools.set(endpoint.url.origin, pool)
    return pool
  }
  return {
    async send(endpoint, request) {
      const outgoing = toOutgoing(endpoint, request, options)
      const incoming = await sendOnceMore(poolFor(endpoint), outgoing, request.repeatable)
      return readSubgraphResponse(incoming.contentType, incoming.body)
    },
    async check(endpoint) {
      if (!endpoint.url.protocol.startsWith('http')) return
      const request = {
        body: '{"query":"{__typename}"}',
        headers: [...JSON_HEADERS],
        repeatable: false,
        cancellation: neverCancelled,
      }
      await exchange(poolFor(endpoint), { ...toOutgoing(endpoint, request, options), timeoutMs: CHECK_TIMEOUT_MS })
    },
    keepOnly(endpoints) {
      const kept = new Set([...endpoints].map((endpoint) => endpoint.url.origin))
      for (const [origin, pool] of pools) {
        if (kept.has(origin)) continue
        pools.delete(origin)
        pool.close().catch((error: unknown) => options.logger.warn({ err: error }, 'a connection pool did not close'))
      }
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
      pools.clear()
    },
  }
}

function toOutgoing(endpoint: SubgraphEndpoint, request: SubgraphRequest, options: SubgraphClientOptions): Outgoing {
  const { willSendRequest } = options
  return {
    path: endpoint.url.pathname + endpoint.url.search,
    headers: willSendRequest === undefined ? request.headers : [...willSendRequest(endpoint.name, request.headers)],
    body: request.body,
    timeoutMs: options.timeouts?.get(endpoint.name) ?? options.timeoutMs,
    maxResponseBytes: options.maxResponseBytes,
    cancellation: request.cancellation,
  }
}

/** A server may close an idle connection in the moment we use it. Only that is tried again, and only for queries. */
async function sendOnceMore(pool: Pool, outgoing: Outgoing, repeatable: boolean): Promise<Incoming> {
  try {
    return await exchange(pool, outgoing)
  } catch (error) {
    if (!repeatable || !(error instanceof AppError) || !wasClosedConnection(error.cause)) throw error
    return exchange(pool, outgoing)
  }
}

function wasClosedConnection(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'UND_ERR_SOCKET' || cause.code === 'ECONNRESET')
}
