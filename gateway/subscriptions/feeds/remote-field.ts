import { AppError } from '../../../platform/errors/app-error.js'
import type { Logger } from '../../../platform/log/logger.js'
import type { RequestContext } from '../../../platform/log/request-context.js'
import { clientPath } from '../../execute/data-keys.js'
import { gatewayErrorFrom } from '../../gateway-error.js'
import { isKnownError, maskSubgraphError } from '../../subgraph-client/mask-error.js'
import type { SubgraphEndpoint } from '../../subgraph-client/subgraph-endpoint.js'
import { subgraphResponseFrom, type SubgraphResponse } from '../../subgraph-client/subgraph-response.js'
import { digestOf } from './digest-of.js'
import { createEventProjection } from './event-projection.js'
import { bearerOf, feedTokenOf } from './feed-token.js'
import { FeedTokens } from './feed-tokens.js'
import type { LiveFieldRequest, LiveGeneration, PrimaryFetch } from './live-field-request.js'
import type { LiveField, ProjectedEvent } from './live-field.js'
import { createRemoteFeed } from './upstream/remote-feed.js'
import type { Retrying } from './upstream/remote-feed-options.js'
import { connectSseUpstream } from './upstream/sse-upstream.js'
import { assertHeaders, assertToken, passedHeaders } from './upstream/upstream-headers.js'
import { subscriptionUrl, type UpstreamSettings } from './upstream/upstream-settings.js'
import { connectWebSocketUpstream } from './upstream/websocket-upstream.js'

export interface RemoteFieldOptions {
  readonly generation: LiveGeneration
  readonly endpoint: SubgraphEndpoint
  readonly fetch: PrimaryFetch
  readonly request: LiveFieldRequest
  readonly settings: UpstreamSettings
  readonly retrying?: Retrying
  readonly logger: Logger
}

/** About 16 s in all: longer than a subgraph takes to start anew, shorter than people wait. */
const RETRYING: Retrying = { tries: 8, firstMs: 100, longestMs: 5_000 }

/**
 * A field whose subgraph serves it itself: each result of the subscription there is an event, which ends when that does.
 * Throws VAL_VALIDATION_FAILED, AUTH_TOKEN_INVALID.
 */
export function createRemoteField(options: RemoteFieldOptions): LiveField {
  const { generation, endpoint, fetch, request, settings, retrying = RETRYING, logger } = options
  const { name: service } = endpoint
  const schema = generation.subgraphSchema(service)
  const { field, responseKey, variables } = createEventProjection(schema, fetch.operation, request.variables)
  const subscriptions = settings.subscriptions.get(service) ?? { protocol: 'ws', url: null }
  const url = subscriptionUrl(subscriptions, endpoint.url)
  assertToken(request.caller.authorization)
  const passed = passedHeaders(request, settings.forwardHeaders)
  const key = digestOf([subscriptions.protocol, url.href, fetch.operation, variables, bearerOf(request.caller), passed])
  const place = { service, responseKey, ids: request.ids }
  return {
    name: field,
    feed: createRemoteFeed({
      key: `subgraph ${service} ${key}`,
      connect: subscriptions.protocol === 'ws' ? connectWebSocketUpstream : connectSseUpstream,
      tokens: new FeedTokens(feedTokenOf(request.caller)),
      request: (authorization) => ({
        service,
        url,
        operation: fetch.operation,
        variables,
        headers: sentHeaders(service, withToken(authorization, passed), settings),
        timeoutMs: settings.timeouts?.get(service) ?? settings.timeoutMs,
        maxResultBytes: settings.maxResponseBytes,
      }),
      retrying,
      logger: logger.child({ service }),
    }),
    replay: 'NEW',
    projectionKey: key,
    admits: () => true,
    project: (payload) => projectResult(payload, place, logger),
    isLast: () => false,
    delivery: { mode: 'LOSSLESS' },
    audience: null,
    guard: null,
    snapshot: null,
  }
}

function withToken(authorization: string | null, passed: readonly string[]): readonly string[] {
  return authorization === null ? passed : ['authorization', authorization, ...passed]
}

function sentHeaders(service: string, headers: readonly string[], { willSendRequest }: UpstreamSettings) {
  const sent = willSendRequest === undefined ? headers : willSendRequest(service, headers)
  assertHeaders(sent)
  return sent
}

interface Place {
  readonly service: string
  readonly responseKey: string
  readonly ids: RequestContext
}

const MAXIMUM_ERRORS = 100 // of one result: an answer must not grow with its faults

/** Faults are told in the answer, as those of a fetch are, and the stream goes on. */
function projectResult(payload: unknown, { service, responseKey, ids }: Place, logger: Logger): ProjectedEvent {
  const response = readResult(payload)
  if (response instanceof AppError) {
    logger.warn({ err: response, service }, "a subgraph's event could not be read")
    return { data: {}, errors: [gatewayErrorFrom(response, ids, { service, path: [responseKey] })] }
  }
  const errors = response.errors.slice(0, MAXIMUM_ERRORS).map((error) => {
    const { message, path } = error
    if (!isKnownError(error)) logger.error({ service, subgraphError: { message, path } }, 'a subgraph failed')
    return maskSubgraphError(error, service, clientPath(path?.length ? path : [responseKey]), ids)
  })
  // many read the payload, and what is fetched after is put into the data
  return { data: structuredClone(response.data ?? {}), errors }
}

function readResult(payload: unknown): SubgraphResponse | AppError {
  try {
    return subgraphResponseFrom(payload)
  } catch (error) {
    return error instanceof AppError ? error : new AppError('SUBGRAPH_BAD_RESPONSE', { cause: error })
  }
}
