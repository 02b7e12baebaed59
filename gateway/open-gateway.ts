/**
 * The gateway's doors, and the order in which everything of it opens and closes. In: configuration and the event bus. Out: a
 * listening gateway. It refuses to open anything it was given: the bus belongs to whoever passed it.
 */
import type { Express, RequestHandler } from 'express'
import type { Bus } from '../platform/bus/bus.js'
import type { Logger } from '../platform/log/logger.js'
import type { HealthCheck } from '../platform/service/health.js'
import { openHttpService, type Front, type HttpService } from '../platform/service/http-service.js'
import type { RunningService } from '../platform/service/engines.js'
import type { GatewayConfig } from './config.js'
import { createDownloadDoor } from './downloads/download-door.js'
import { mountExplorers } from './explorers/mount-explorers.js'
import type { GatewayParts } from './gateway-parts.js'
import type { Gateway } from './gateway.js'
import { createClientAddress } from './http/client-address.js'
import { crossOrigin, crossOriginHeaders } from './http/cross-origin.js'
import { createFastLane } from './http/fast-lane.js'
import { countPlainAnswers } from './http/count-plain-answers.js'
import { createFrontDoor } from './http/front-door.js'
import { createPlainAnswers } from './http/plain-answer.js'
import { securityHeaderList, securityHeaders } from './http/security-headers.js'
import { openCore, type Core } from './open-core.js'
import { createOperationTypeOf } from './operation/operation-type.js'
import { createStreamDoor } from './subscriptions/doors/stream-door.js'
import { attachWebSocketDoor, type WebSocketDoor } from './subscriptions/doors/websocket-door.js'
import { webSocketTimes } from './subscriptions/doors/websocket-limits.js'
import type { OpenLive } from './subscriptions/live/live-operation.js'
import type { Generation } from './supergraph/generation.js'

export interface RunningGateway extends RunningService {
  /** The ways in without HTTP, for tests and for services of the same process. */
  readonly pipeline: Gateway
  readonly openLive: OpenLive
  /** Where Prometheus reads numbers; null for nowhere. */
  readonly metricsPort: number | null
}

const GRAPHQL_PATH = '/graphql'

/** Throws StartupError for a supergraph that can't be used, PortTakenError for a port that can't be had. */
export async function openGateway(config: GatewayConfig, parts: GatewayParts): Promise<RunningGateway> {
  const { bus, logger } = parts
  const core = await openCore(config, parts)
  const { supergraph, pipeline, route, live, metrics } = core
  const streams = createStreamDoor({
    ...core,
    openLive: live.openLive,
    textOf: route.textOf,
    operationTypeOf: createOperationTypeOf(() => supergraph.current().documents),
    limits: config.subscriptions.limits,
    drainMs: config.subscriptions.drainMs,
    metrics: metrics.live,
    logger,
  })
  const service = await openHttpService({
    name: 'gateway',
    host: config.host,
    port: config.port,
    logger,
    checks: readinessChecks(core, bus),
    ...(metrics.requests && { requests: metrics.requests }),
    prepare: (app) => app.use(securityHeaders, crossOrigin(config.corsOrigins)),
    mount(app) {
      app.disable('etag') // answers are never stored: a digest of each would be for nobody
      if (config.explorers) mountExplorers(app, GRAPHQL_PATH)
      app.use(GRAPHQL_PATH, streams.handler, ...route.handlers)
      if (config.downloads.byPrefix.size > 0) app.use(downloadsOf(config, core, logger))
    },
    ...((parts.plugins ?? []).length === 0 && { front: (app: Express) => frontOf(app, core, config.corsOrigins) }),
  }).catch(async (error: unknown) => {
    await core.close()
    throw error
  })
  const sockets = openSocketDoor(config, core, service, logger)
  return {
    name: 'gateway',
    port: service.port,
    pipeline,
    openLive: live.openLive,
    metricsPort: metrics.port,
    async close() {
      await Promise.all([sockets.close(), streams.close()])
      await service.close()
      await core.close()
    },
  }
}

function openSocketDoor(
  { subscriptions, corsOrigins }: GatewayConfig,
  { supergraph, pipeline, live, route, identify, sessions, metrics }: Core,
  { server, trustsProxy }: HttpService,
  logger: Logger,
): WebSocketDoor {
  return attachWebSocketDoor({
    server,
    path: GRAPHQL_PATH,
    pipeline,
    openLive: live.openLive,
    textOf: route.textOf,
    operationTypeOf: createOperationTypeOf(() => supergraph.current().documents),
    authenticate: async (authorization, { headers, address }) =>
      identify({ ...headers, authorization: authorization ?? headers.authorization }, address),
    addressOf: createClientAddress(trustsProxy),
    sessions,
    allowedOrigins: corsOrigins,
    metrics: metrics.live,
    limits: { ...subscriptions.limits, ...webSocketTimes, drainMs: subscriptions.drainMs },
    logger,
  })
}

/** Names of subgraphs that there are not are told once: the supergraph may have them later. */
function downloadsOf({ downloads: settings }: GatewayConfig, { supergraph }: Core, logger: Logger): RequestHandler {
  const endpointOf = (name: string) => supergraph.current().subgraphs.get(name)
  const unknown = [...settings.byPrefix.values()].filter((name) => endpointOf(name) === undefined)
  if (unknown.length > 0) logger.warn({ unknown }, 'downloads are to come from subgraphs that the supergraph lacks')
  return createDownloadDoor({ settings, endpointOf, logger })
}

/** The short ways for plain requests: over connections of their own, and over those that have gone to node:http. */
function frontOf(app: Express, core: Core, corsOrigins: readonly string[]): Front {
  const { supergraph, pipeline, identify, route, logsWithin, metrics } = core
  const answers = createPlainAnswers({
    currentGeneration: supergraph.current,
    gateway: pipeline,
    identify,
    formatError: route.formatError,
    logsWithin,
  })
  const listFor = (origin: string | undefined) => [
    ...securityHeaderList.flat(),
    ...crossOriginHeaders(corsOrigins, origin),
  ]
  const elsewhere = listFor(undefined)
  const listed = new Map(corsOrigins.map((origin) => [origin, listFor(origin)]))
  const options = {
    path: GRAPHQL_PATH,
    answer: metrics.requests === null ? answers : countPlainAnswers(answers, metrics.requests, GRAPHQL_PATH),
    addressOf: createClientAddress(app.get('trust proxy fn')),
    headersFor: (origin: string | undefined) => (origin === undefined ? elsewhere : (listed.get(origin) ?? elsewhere)),
  }
  return {
    listener: createFastLane(options, app),
    openDoor: (server, pass) => createFrontDoor(options, server, pass),
  }
}

/** The subgraphs of the supergraph in use: the record changes with it. */
function readinessChecks({ supergraph, client, ends }: Core, bus: Bus | null): Record<string, HealthCheck> {
  const checks: Record<string, HealthCheck> = {}
  const renew = (generation: Generation): void => {
    for (const name of Object.keys(checks)) delete checks[name]
    checks['supergraph'] = { check: async () => undefined, whenFailing: 'down' }
    if (bus !== null) checks['bus'] = { check: () => bus.check(), whenFailing: 'degraded' }
    if (ends !== null) checks['ended tokens'] = ends.health
    for (const endpoint of generation.subgraphs.values()) {
      if (!endpoint.url.protocol.startsWith('http')) continue
      checks[`subgraph ${endpoint.name}`] = { check: () => client.check(endpoint), whenFailing: 'degraded' }
    }
    client.keepOnly(generation.subgraphs.values())
  }
  renew(supergraph.current())
  supergraph.onChange(renew)
  return checks
}
