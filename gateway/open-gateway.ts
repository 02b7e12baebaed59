/**
 * The gateway's composition root: the only file that knows every part of it. In: configuration and the event bus. Out: a
 * listening gateway. It refuses to open anything it was given: the bus belongs to whoever passed it.
 */
import type { RequestListener } from 'node:http'
import type { ApolloServerPlugin } from '@apollo/server'
import type { Express } from 'express'
import type { Bus } from '../platform/bus/bus.js'
import { createAccessTokenVerifier, type AccessTokenVerifier } from '../platform/identity/access-token-verifier.js'
import { StartupError } from '../platform/errors/startup-error.js'
import type { Logger } from '../platform/log/logger.js'
import type { HealthCheck } from '../platform/service/health.js'
import { openHttpService, type HttpService } from '../platform/service/http-service.js'
import type { RunningService } from '../platform/service/engines.js'
import { policiesOfClaim, type EvaluatePolicies } from './authorization/authorize-operation.js'
import type { GatewayConfig } from './config.js'
import { mountExplorers } from './explorers/mount-explorers.js'
import { createGateway, type Gateway } from './gateway.js'
import { createClientAddress } from './http/client-address.js'
import { crossOrigin, crossOriginHeaders } from './http/cross-origin.js'
import { createFastLane } from './http/fast-lane.js'
import { openGraphqlRoute, type GraphqlRoute } from './http/graphql-route.js'
import type { OperationContext } from './http/operation-context.js'
import { securityHeaderList, securityHeaders } from './http/security-headers.js'
import { createCallerIdentification, type IdentifyCaller } from './identity/identify-caller.js'
import { createOperationTypeOf } from './operation/operation-type.js'
import type { OverrideSettings } from './plan/override-labels.js'
import type { OperationSettings } from './prepared-operation.js'
import { createLivePipeline } from './prepared-subscription.js'
import {
  createSubgraphClient,
  type SubgraphClient,
  type SubgraphClientOptions,
} from './subgraph-client/subgraph-client.js'
import { chooseCursorKeys } from './subscriptions/choose-cursor-keys.js'
import { createStreamDoor } from './subscriptions/doors/stream-door.js'
import { attachWebSocketDoor, type WebSocketDoor } from './subscriptions/doors/websocket-door.js'
import { webSocketTimes } from './subscriptions/doors/websocket-limits.js'
import { liveFieldsFrom, type CreateLiveField } from './subscriptions/feeds/create-live-field.js'
import { createLiveHub, type LiveHub, type LiveHubOptions } from './subscriptions/live/live-hub.js'
import type { OpenLive } from './subscriptions/live/live-operation.js'
import { followSessionEnds } from './subscriptions/sessions/follow-session-ends.js'
import { createSessionRegistry, type SessionRegistry } from './subscriptions/sessions/session-registry.js'
import type { Generation } from './supergraph/generation.js'
import { openGatewayMetrics, type GatewayMetrics } from './telemetry/open-gateway-metrics.js'
import { openSupergraphFile, type SupergraphFile } from './supergraph/supergraph-file.js'

export interface GatewayParts {
  /** Null where there is none: subscriptions to events are unavailable then, everything else works. */
  readonly bus: Bus | null
  readonly logger: Logger
  /** In place of one made from configuration. */
  readonly verifier?: AccessTokenVerifier
  /** Called before every request to a subgraph, with the headers it is to have; returns those it is sent with. */
  readonly willSendRequest?: SubgraphClientOptions['willSendRequest']
  /**
   * Which of the policies an operation names (`@policy`) hold for its caller. Called before planning, at most once an
   * operation. Throwing refuses the operation. Unless given, a token's own list is believed: see `policiesOfClaim`.
   */
  readonly evaluatePolicies?: EvaluatePolicies
  /**
   * Labels of progressive overrides (`@override`) that are on for a request, beside those of configuration and of its header;
   * `percent(n)` may be among them. Called before planning, where the supergraph has such labels. Throwing refuses the operation.
   */
  readonly overrideLabels?: OverrideSettings['overrideLabels']
  /**
   * Apollo Server plugins. With any, every request takes the way through Apollo Server, and none the shorter one; streams
   * (WebSockets, SSE, multipart) are not its to see.
   */
  readonly plugins?: readonly ApolloServerPlugin<OperationContext>[]
  /** How often the supergraph file is looked at; a second unless given. */
  readonly supergraphPollMs?: number
}

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
  const { supergraph, client, pipeline, route, live, metrics } = core
  const streams = createStreamDoor({
    ...core,
    openLive: live.openLive,
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
    checks: readinessChecks(supergraph, client, bus),
    prepare: (app) => app.use(securityHeaders, crossOrigin(config.corsOrigins)),
    mount(app) {
      app.disable('etag') // answers are never stored: a digest of each would be for nobody
      if (config.explorers) mountExplorers(app, GRAPHQL_PATH)
      app.use(GRAPHQL_PATH, streams.handler, ...route.handlers)
    },
    ...((parts.plugins ?? []).length === 0 && { front: (app: Express) => fastLaneTo(app, core, config.corsOrigins) }),
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
  { supergraph, pipeline, live, identify, sessions, metrics }: Core,
  { server, trustsProxy }: HttpService,
  logger: Logger,
): WebSocketDoor {
  return attachWebSocketDoor({
    server,
    path: GRAPHQL_PATH,
    pipeline,
    openLive: live.openLive,
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

function fastLaneTo(app: Express, core: Core, corsOrigins: readonly string[]): RequestListener {
  const { supergraph, pipeline, identify, route } = core
  const onEvery = securityHeaderList.flat()
  const withoutOrigin = [...onEvery, ...crossOriginHeaders(corsOrigins, undefined)]
  return createFastLane(
    {
      path: GRAPHQL_PATH,
      currentGeneration: supergraph.current,
      gateway: pipeline,
      identify,
      addressOf: createClientAddress(app.get('trust proxy fn')),
      headersFor: (origin) =>
        origin === undefined ? withoutOrigin : [...onEvery, ...crossOriginHeaders(corsOrigins, origin)],
      formatError: route.formatError,
      logsWithin: core.logsWithin,
    },
    app,
  )
}

interface Core {
  readonly supergraph: SupergraphFile
  readonly client: SubgraphClient
  readonly pipeline: Gateway
  readonly live: LiveHub
  readonly identify: IdentifyCaller
  readonly route: GraphqlRoute
  /** See FastLaneOptions. */
  readonly logsWithin: boolean
  /** What is open for whose session. */
  readonly sessions: SessionRegistry
  readonly metrics: GatewayMetrics
  close(): Promise<void>
}

/** Everything behind the doors. */
async function openCore(config: GatewayConfig, parts: GatewayParts): Promise<Core> {
  const { bus, logger, supergraphPollMs, willSendRequest, overrideLabels } = parts
  const { limits, subgraphs } = config
  const verifier = parts.verifier ?? configuredVerifier(config)
  const supergraph = await openSupergraphFile({
    file: config.supergraphFile,
    urlOverrides: subgraphs.urlOverrides,
    limits,
    demand: config.demand,
    logger,
    check: (generation) => {
      if (verifier === null && config.needsKeySet) refuseUnverifiable(generation)
    },
    ...(supergraphPollMs !== undefined && { pollMs: supergraphPollMs }),
  })
  const client = createSubgraphClient({ ...subgraphs, ...(willSendRequest && { willSendRequest }) })
  const settings = operationSettings(config, parts, client)
  const pipeline = createGateway({ ...settings, currentGeneration: supergraph.current })
  const cursorKeys = cursorKeysFor(config, supergraph, logger)
  const metrics = await openGatewayMetrics(config.metrics, logger).catch((error: unknown) => {
    supergraph.close()
    throw error
  })
  const upstreams = { ...subgraphs, forwardHeaders: config.forwardHeaders, ...(willSendRequest && { willSendRequest }) }
  const createLiveField = liveFieldsFrom({ bus, upstreams })
  const live = openHub(settings, supergraph, { cursorKeys, createLiveField, metrics: metrics.live })
  const identify = createCallerIdentification(verifier)
  const route = await openGraphqlRoute({
    supergraph,
    gateway: pipeline,
    identify,
    limits,
    plugins: parts.plugins ?? [],
    logger,
  })
  const { sessionEnd } = config.subscriptions
  const sessions = createSessionRegistry({ claim: sessionEnd?.claim ?? null })
  const ends = sessionEnd && bus && followSessionEnds({ bus, source: sessionEnd, registry: sessions, logger })
  return {
    supergraph,
    client,
    pipeline,
    live,
    identify,
    route,
    logsWithin:
      config.demand.mode !== 'off' ||
      [willSendRequest, overrideLabels, parts.evaluatePolicies].some((hook) => hook !== undefined),
    sessions,
    metrics,
    async close() {
      await metrics.close()
      await ends?.close()
      supergraph.close()
      await route.stop()
      await client.close()
    },
  }
}

function operationSettings(
  { authorization, forwardHeaders, overrides }: GatewayConfig,
  { evaluatePolicies, overrideLabels, logger }: GatewayParts,
  client: SubgraphClient,
): OperationSettings {
  return {
    client,
    forwardHeaders,
    authorization: {
      ...authorization,
      evaluatePolicies: evaluatePolicies ?? policiesOfClaim(authorization.policiesClaim),
    },
    overrides: { ...overrides, ...(overrideLabels && { overrideLabels }) },
    logger,
  }
}

/** Streams under way follow the supergraph: whatever changes it, they move over. */
function openHub(
  settings: OperationSettings,
  { current, onChange }: SupergraphFile,
  {
    cursorKeys,
    createLiveField,
    metrics,
  }: Pick<LiveHubOptions, 'cursorKeys' | 'metrics'> & {
    readonly createLiveField: CreateLiveField
  },
): LiveHub {
  const { logger } = settings
  const pipeline = createLivePipeline({ ...settings, currentGeneration: current, createLiveField })
  const hub = createLiveHub({ pipeline, cursorKeys, metrics, logger })
  onChange(() => void hub.moveToCurrent())
  return hub
}

function cursorKeysFor({ subscriptions, production }: GatewayConfig, supergraph: SupergraphFile, logger: Logger) {
  try {
    const { cursorKeys: configured } = subscriptions
    return chooseCursorKeys({ configured, production, generation: supergraph.current(), logger })
  } catch (error) {
    supergraph.close()
    throw error
  }
}

function configuredVerifier({ identity }: GatewayConfig): AccessTokenVerifier | null {
  if (identity === null) return null
  return createAccessTokenVerifier({ issuer: identity.issuer, audience: identity.audience, keys: identity.jwksUrl })
}

/** Without keys nobody is known, and what is guarded is for nobody: a fault of configuration that looks like one of the callers. */
function refuseUnverifiable({ access }: Generation): void {
  const directives = access?.directives ?? []
  if (directives.length === 0) return
  throw new StartupError(
    `The supergraph guards fields with ${directives.join(', ')}, and there are no keys to verify access tokens with: set JWKS_URL, TOKEN_ISSUER and TOKEN_AUDIENCE, or identity in the configuration file.`,
  )
}

/** The subgraphs of the supergraph in use: the record changes with it. */
function readinessChecks(
  supergraph: SupergraphFile,
  client: SubgraphClient,
  bus: Bus | null,
): Record<string, HealthCheck> {
  const checks: Record<string, HealthCheck> = {}
  const renew = (generation: Generation): void => {
    for (const name of Object.keys(checks)) delete checks[name]
    checks['supergraph'] = { check: async () => undefined, whenFailing: 'down' }
    if (bus !== null) checks['bus'] = { check: () => bus.check(), whenFailing: 'degraded' }
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
