import type { Express } from 'express'
import { openDatabase, type Database } from '../database/open-database.js'
import { createSubgraphServer, type SubgraphServerOptions } from '../graphql/subgraph-server.js'
import type { SubgraphContext } from '../graphql/subgraph-context.js'
import type { Logger } from '../log/logger.js'
import type { Engines, RunningService } from './engines.js'
import { openHttpService } from './http-service.js'
import { createShutdown, type Shutdown } from './shutdown.js'

/** What every subgraph stands on; what it opens besides is given to `shutdown`, which closes the last opened first. */
export interface Foundations {
  readonly database: Database
  readonly logger: Logger
  readonly shutdown: Shutdown
}

/** What makes this subgraph this one. */
export interface SubgraphParts<Context extends SubgraphContext> extends Pick<
  SubgraphServerOptions<Context>,
  'resolvers' | 'permissions' | 'createContext'
> {
  /** Routes besides GraphQL. */
  readonly mount?: (app: Express) => void
}

export interface SubgraphServiceOptions<Context extends SubgraphContext> {
  /** Also the folder of its SDL, its Postgres schema and the name in its log lines. */
  readonly name: string
  /** Port 0 takes any free port. */
  readonly http: { readonly host: string; readonly port: number }
  readonly engines: Engines
  /** Called once, on an open database whose migrations are applied. */
  readonly open: (foundations: Foundations) => Promise<SubgraphParts<Context>>
}

/**
 * A subgraph as a running service: database first, then its own parts, then the door. When one can't be opened, everything
 * opened before it is closed again and its error is thrown on.
 */
export async function openSubgraphService<Context extends SubgraphContext>(
  options: SubgraphServiceOptions<Context>,
): Promise<RunningService> {
  const logger = options.engines.logger.child({ service: options.name })
  const shutdown = createShutdown(logger)
  try {
    return { name: options.name, port: await openDoor(options, logger, shutdown), close: () => shutdown.run() }
  } catch (error) {
    await shutdown.run()
    throw error
  }
}

async function openDoor<Context extends SubgraphContext>(
  { name, http, engines, open }: SubgraphServiceOptions<Context>,
  logger: Logger,
  shutdown: Shutdown,
): Promise<number> {
  const { bus, cache, verifier, databaseUrl: url, databasePoolSize: maxConnections } = engines
  const database = await openDatabase({ url, schema: name, maxConnections, logger })
  shutdown.add('the database', () => database.close())
  engines.metrics?.database(name).watch(database.pool)
  const { mount, ...parts } = await open({ database, logger, shutdown })
  const subgraph = await createSubgraphServer({ ...parts, name, verifier, logger })
  shutdown.add('the subgraph', () => subgraph.stop())
  const service = await openHttpService({
    ...http,
    name,
    logger,
    ...(engines.metrics && { requests: engines.metrics.requests(name) }),
    checks: {
      database: { check: () => database.check(), whenFailing: 'down' },
      bus: { check: () => bus.check(), whenFailing: 'degraded' },
      cache: { check: () => cache.check(), whenFailing: 'degraded' },
      ...(engines.tokenEnds && { 'ended tokens': engines.tokenEnds.health }),
    },
    mount(app) {
      mount?.(app)
      app.use(subgraph.router)
    },
  })
  shutdown.add('the door', () => service.close())
  return service.port
}
