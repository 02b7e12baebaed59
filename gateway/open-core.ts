/**
 * Everything behind the gateway's doors. In: configuration and what the gateway was given. Out: its parts, wired together and
 * to be closed together. It refuses a supergraph that can't be used.
 */
import { createAccessTokenVerifier, type AccessTokenVerifier } from '../platform/identity/access-token-verifier.js'
import { openTokenEnds, type TokenEnds } from '../platform/identity/open-token-ends.js'
import { StartupError } from '../platform/errors/startup-error.js'
import type { Logger } from '../platform/log/logger.js'
import { policiesOfClaim } from './authorization/authorize-operation.js'
import type { GatewayConfig } from './config.js'
import type { GatewayParts } from './gateway-parts.js'
import { createGateway, type Gateway } from './gateway.js'
import { openGraphqlRoute, type GraphqlRoute } from './http/graphql-route.js'
import { createCallerIdentification, type IdentifyCaller } from './identity/identify-caller.js'
import type { OperationSettings } from './prepared-operation.js'
import { createLivePipeline } from './prepared-subscription.js'
import { createSubgraphClient, type SubgraphClient } from './subgraph-client/subgraph-client.js'
import { chooseCursorKeys } from './subscriptions/choose-cursor-keys.js'
import { liveFieldsFrom, type CreateLiveField } from './subscriptions/feeds/create-live-field.js'
import { createLiveHub, type LiveHub, type LiveHubOptions } from './subscriptions/live/live-hub.js'
import { createSessionRegistry, type SessionRegistry } from './subscriptions/sessions/session-registry.js'
import type { Generation } from './supergraph/generation.js'
import { openGatewayMetrics, type GatewayMetrics } from './telemetry/open-gateway-metrics.js'
import { openSupergraphFile, type SupergraphFile } from './supergraph/supergraph-file.js'

export interface Core {
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
  /** Which tokens ended before their time; null where nothing tells. */
  readonly ends: TokenEnds | null
  readonly metrics: GatewayMetrics
  close(): Promise<void>
}

/** Throws StartupError for a supergraph that can't be used, and for ends of tokens that can't be heard of. */
export async function openCore(config: GatewayConfig, parts: GatewayParts): Promise<Core> {
  const own = parts.tokenEnds === undefined ? await configuredTokenEnds(config, parts) : null
  try {
    const core = await openParts(config, parts, parts.tokenEnds ?? own)
    const close = async () => {
      await core.close()
      await own?.close()
    }
    return { ...core, close }
  } catch (error) {
    await own?.close()
    throw error
  }
}

async function openParts(config: GatewayConfig, parts: GatewayParts, ends: TokenEnds | null): Promise<Core> {
  const { bus, logger, supergraphPollMs, willSendRequest, overrideLabels } = parts
  const { limits, subgraphs } = config
  const verifier = parts.verifier ?? configuredVerifier(config, ends)
  const supergraph = await openSupergraphFile({
    file: config.supergraphFile,
    urlOverrides: subgraphs.urlOverrides,
    limits,
    demand: config.demand,
    planningTimeoutMs: config.planning.timeoutMs,
    logger,
    check: (generation) => {
      if (verifier === null && config.needsKeySet) refuseUnverifiable(generation)
      warnOfUnknownLevels(generation, config.authorization.acrLevels, logger)
    },
    ...(supergraphPollMs !== undefined && { pollMs: supergraphPollMs }),
  })
  const client = createSubgraphClient({ ...subgraphs, ...(willSendRequest && { willSendRequest }) })
  const settings = operationSettings(config, parts, client)
  const pipeline = createGateway({ ...settings, currentGeneration: supergraph.current })
  const cursorKeys = cursorKeysFor(config, supergraph, logger)
  const metrics = await openGatewayMetrics(config.metrics, logger).catch(async (error: unknown) => {
    await supergraph.close()
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
  const sessions = openSessions(config, ends, metrics)
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
    ends,
    metrics,
    async close() {
      await metrics.close()
      sessions.close()
      await route.stop()
      await supergraph.close()
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
    void supergraph.close()
    throw error
  }
}

function openSessions({ tokenEnds }: GatewayConfig, ends: TokenEnds | null, metrics: GatewayMetrics): SessionRegistry {
  if (ends !== null) metrics.watch(ends)
  const claims = tokenEnds.map(({ claim }) => claim)
  return createSessionRegistry(claims, ends)
}

/** Null where nothing is said to tell of them. Throws StartupError where there is no bus to tell: ended tokens would look good. */
async function configuredTokenEnds({ tokenEnds: sources }: GatewayConfig, { bus, logger }: GatewayParts) {
  if (sources.length === 0) return null
  if (bus !== null) return openTokenEnds({ bus, sources, logger })
  const subjects = sources.map(({ subject }) => subject).join(', ')
  throw new StartupError(
    `TOKEN_ENDS has ${subjects} tell of tokens that end, and there is no bus to hear it: set NATS_URL as well, or neither.`,
  )
}

function configuredVerifier({ identity }: GatewayConfig, ends: TokenEnds | null): AccessTokenVerifier | null {
  if (identity === null) return null
  const { issuer, audience, jwksUrl: keys } = identity
  return createAccessTokenVerifier({ issuer, audience, keys, ...(ends && { ends }) })
}

/** A level without a place in the order is met by itself alone: a stronger sign-in is refused, which looks like a fault of the caller. */
function warnOfUnknownLevels({ access }: Generation, order: readonly string[], logger: Logger): void {
  const unknown = (access?.acrLevels ?? []).filter((level) => !order.includes(level))
  if (unknown.length === 0) return
  logger.warn(
    { levels: unknown },
    'the supergraph asks for levels of sign-in that have no place in acrLevels: no other level stands in for them',
  )
}

/** Without keys nobody is known, and what is guarded is for nobody: a fault of configuration that looks like one of the callers. */
function refuseUnverifiable({ access }: Generation): void {
  const directives = access?.directives ?? []
  if (directives.length === 0) return
  throw new StartupError(
    `The supergraph guards fields with ${directives.join(', ')}, and there are no keys to verify access tokens with: set JWKS_URL, TOKEN_ISSUER and TOKEN_AUDIENCE, or identity in the configuration file.`,
  )
}
