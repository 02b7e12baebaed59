import path from 'node:path'
import { openEventJournal } from '../platform/bus/event-journal.js'
import { createInProcessBus } from '../platform/bus/in-process-bus.js'
import { connectNatsBus } from '../platform/bus/nats-bus.js'
import { createInProcessCache } from '../platform/cache/in-process-cache.js'
import { connectRedisCache } from '../platform/cache/redis-cache.js'
import { openEmbeddedPostgres } from '../platform/database/embedded-postgres.js'
import { createAccessTokenVerifier } from '../platform/identity/access-token-verifier.js'
import { openTokenEnds, type TokenEnds } from '../platform/identity/open-token-ends.js'
import type { Logger } from '../platform/log/logger.js'
import type { Engines } from '../platform/service/engines.js'
import { openProcessMetrics } from '../platform/telemetry/open-process-metrics.js'
import type { LauncherConfig } from './config.js'
import type { Shutdown } from '../platform/service/shutdown.js'

export interface HouseEngines extends Engines {
  readonly tokenEnds: TokenEnds
  /** What each is, in words for a person; never an address with a password. */
  readonly described: { readonly database: string; readonly bus: string; readonly cache: string }
}

/** Real engines where their addresses are configured, embedded ones elsewhere; what was opened is given to `shutdown`. */
export async function openEngines(
  config: LauncherConfig,
  authPort: number,
  logger: Logger,
  shutdown: Shutdown,
): Promise<HouseEngines> {
  const database = await openDatabaseServer(config, logger, shutdown) // first, so that it is closed last
  const told = await openProcessMetrics('the house', config.metrics, logger)
  if (told !== null) shutdown.add('the numbers', () => told.close())
  const openedCache = await openCache(config, logger, shutdown)
  const openedBus = await openBus(config, logger, shutdown)
  const cache = told?.metrics.measureCache(openedCache) ?? openedCache
  const bus = told?.metrics.measureBus(openedBus) ?? openedBus
  const ends = await openTokenEnds({ bus, sources: config.tokenEnds, logger })
  shutdown.add('the ends of tokens', () => ends.close())
  return {
    databaseUrl: database.url,
    databasePoolSize: config.databasePoolSize,
    bus,
    cache,
    verifier: createAccessTokenVerifier({
      ...config.tokens,
      keys: new URL(`http://127.0.0.1:${authPort}/.well-known/jwks.json`),
      ends,
    }),
    tokenEnds: ends,
    logger,
    ...(told && { metrics: told.metrics }),
    described: {
      database: database.described,
      bus: bus.engine === 'nats' ? 'NATS JetStream (NATS_URL)' : 'in process (set NATS_URL for NATS JetStream)',
      cache: cache.engine === 'redis' ? 'Redis (REDIS_URL)' : 'in process (set REDIS_URL for Redis)',
    },
  }
}

async function openDatabaseServer({ databaseUrl, dataFolder }: LauncherConfig, logger: Logger, shutdown: Shutdown) {
  if (databaseUrl !== null) return { url: databaseUrl, described: 'PostgreSQL (DATABASE_URL)' }
  const folder = path.join(dataFolder, 'postgres')
  const server = await openEmbeddedPostgres({ folder, logger })
  shutdown.add('the database', () => server.close())
  const where = path.relative(process.cwd(), folder) || folder
  const how = server.takenOver ? ', taken over from a start that was killed' : ''
  return { url: server.url, described: `PostgreSQL, embedded: port ${server.port}, data in ${where}${how}` }
}

async function openBus({ natsUrl, dataFolder }: LauncherConfig, logger: Logger, shutdown: Shutdown) {
  const bus =
    natsUrl === null
      ? createInProcessBus({ logger, journal: openEventJournal(path.join(dataFolder, 'events.jsonl')) })
      : await connectNatsBus({ url: natsUrl, logger, clientName: 'house' })
  shutdown.add('the bus', () => bus.close())
  return bus
}

async function openCache({ redisUrl }: LauncherConfig, logger: Logger, shutdown: Shutdown) {
  const cache = redisUrl === null ? createInProcessCache() : await connectRedisCache({ url: redisUrl, logger })
  shutdown.add('the cache', () => cache.close())
  return cache
}
