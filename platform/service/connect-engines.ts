/**
 * The engines of a service that runs as a process of its own. In: the environment. Out: the real bus, cache and token
 * verifier, and where the database is. It refuses to start with a variable missing, all faults told at once.
 */
import { z } from 'zod'
import { connectNatsBus } from '../bus/nats-bus.js'
import { connectRedisCache } from '../cache/redis-cache.js'
import { readEnvironment } from '../config/read-config.js'
import { createAccessTokenVerifier } from '../identity/access-token-verifier.js'
import { openTokenEnds } from '../identity/open-token-ends.js'
import { tokenEndSources } from '../identity/token-end-source.js'
import { createLogger, type Logger } from '../log/logger.js'
import { metricsVariables, openProcessMetrics } from '../telemetry/open-process-metrics.js'
import type { Engines } from './engines.js'
import { createShutdown, type Shutdown } from './shutdown.js'

const address = (protocol: RegExp, example: string) =>
  z.string({ error: `is not set, such as ${example}` }).regex(protocol, `is not an address such as ${example}`)

const variables = z.object({
  DATABASE_URL: address(/^postgres(ql)?:\/\//, 'postgresql://user:password@host:5432/name'),
  /** Connections a service may hold; all processes together stay below the server's own limit. */
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(500).default(25),
  NATS_URL: address(/^(nats|tls):\/\//, 'nats://host:4222'),
  REDIS_URL: address(/^rediss?:\/\//, 'redis://host:6379'),
  JWKS_URL: address(/^https?:\/\//, 'http://auth:8081/.well-known/jwks.json').transform((text) => new URL(text)),
  TOKEN_ISSUER: z.string({ error: 'is not set: the `iss` of access tokens' }).min(1),
  TOKEN_AUDIENCE: z.string({ error: 'is not set: the `aud` of access tokens' }).min(1),
  TOKEN_ENDS: tokenEndSources,
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  ...metricsVariables,
})

/** The variables every such process reads besides its own, with their schema. */
export const engineVariables = variables.shape

export type EnginesConfig = z.output<typeof variables>
export type Environment = Readonly<Record<string, string | undefined>>

/** Engines this process connected and has to close, after the service that uses them. */
export interface ConnectedEngines extends Engines {
  close(): Promise<void>
}

/** Throws ConfigError. */
export function readEnginesConfig(service: string, environment: Environment): EnginesConfig {
  return readEnvironment(service, variables, environment)
}

/** Throws ConfigError, PortTakenError, or what the engines throw when they don't answer in time; nothing is left open then. */
export async function connectEngines(service: string, environment: Environment): Promise<ConnectedEngines> {
  const config = readEnginesConfig(service, environment)
  const logger = createLogger({ service, level: config.LOG_LEVEL })
  const shutdown = createShutdown(logger)
  try {
    return await connect(service, config, logger, shutdown)
  } catch (error) {
    await shutdown.run()
    throw error
  }
}

async function connect(
  service: string,
  config: EnginesConfig,
  logger: Logger,
  shutdown: Shutdown,
): Promise<ConnectedEngines> {
  const told = await openProcessMetrics(service, config, logger)
  if (told !== null) shutdown.add('the numbers', () => told.close())
  const redis = await connectRedisCache({ url: config.REDIS_URL, logger })
  shutdown.add('the cache', () => redis.close())
  const nats = await connectNatsBus({ url: config.NATS_URL, logger, clientName: service })
  shutdown.add('the bus', () => nats.close())
  const bus = told?.metrics.measureBus(nats) ?? nats
  const ends = await openTokenEnds({ bus, sources: config.TOKEN_ENDS, logger })
  shutdown.add('the ends of tokens', () => ends.close())
  return {
    databaseUrl: config.DATABASE_URL,
    databasePoolSize: config.DATABASE_POOL_SIZE,
    bus,
    cache: told?.metrics.measureCache(redis) ?? redis,
    verifier: createAccessTokenVerifier({
      issuer: config.TOKEN_ISSUER,
      audience: config.TOKEN_AUDIENCE,
      keys: config.JWKS_URL,
      ends,
    }),
    tokenEnds: ends,
    logger,
    ...(told && { metrics: told.metrics }),
    close: () => shutdown.run(),
  }
}
