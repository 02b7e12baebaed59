/**
 * The content service. In: its configuration and the engines it runs on. Out: a subgraph that listens, whose changes are
 * announced on the bus. It refuses to start on a database it can't use, and leaves nothing open when it can't start.
 */
import { openOutboxRelay } from '../../platform/bus/outbox-relay.js'
import { openDatabase } from '../../platform/database/open-database.js'
import { dateTimeScalar } from '../../platform/graphql/date-time-scalar.js'
import { createSubgraphServer } from '../../platform/graphql/subgraph-server.js'
import type { Engines, RunningService } from '../../platform/service/engines.js'
import { openHttpService } from '../../platform/service/http-service.js'
import type { ContentConfig } from './config.js'
import { createContentContext } from './context.js'
import { createContentEditor } from './domain/content-editor.js'
import { contentPermissions } from './permissions.js'
import { createContentPrisma } from './persistence/content-prisma.js'
import { createPrismaContentSource } from './persistence/prisma-content-source.js'
import { createPrismaContentStore } from './persistence/prisma-content-store.js'
import { content } from './resolvers/content.js'
import { mutation } from './resolvers/mutation.js'
import { query } from './resolvers/query.js'

const name = 'content'

export async function openContentService(config: ContentConfig, engines: Engines): Promise<RunningService> {
  const opened: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const closePart of opened.splice(0).reverse()) await closePart()
  }
  try {
    return { name, port: await openParts(config, engines, (closePart) => opened.push(closePart)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openParts(
  { http }: ContentConfig,
  { bus, cache, verifier, ...engines }: Engines,
  closeLater: (closePart: () => Promise<unknown>) => void,
): Promise<number> {
  const logger = engines.logger.child({ service: name })
  const database = await openDatabase({
    url: engines.databaseUrl,
    schema: name,
    maxConnections: engines.databasePoolSize,
    logger,
  })
  closeLater(() => database.close())
  const prisma = createContentPrisma(database)
  closeLater(() => prisma.$disconnect())
  const relay = await openOutboxRelay({ pool: database.pool, schema: name, bus, logger })
  closeLater(() => relay.close())

  const store = createPrismaContentStore({ prisma, wakeRelay: relay.wake })
  const editor = createContentEditor({ store, now: () => new Date(), newId: () => crypto.randomUUID() })
  const source = createPrismaContentSource(prisma)

  const subgraph = await createSubgraphServer({
    name,
    resolvers: { DateTime: dateTimeScalar, Query: query, Mutation: mutation, Content: content },
    permissions: contentPermissions,
    verifier,
    logger,
    createContext: (base) => createContentContext(base, { editor, source }),
  })
  closeLater(() => subgraph.stop())
  const service = await openHttpService({
    ...http,
    name,
    logger,
    checks: {
      database: { check: () => database.check(), whenFailing: 'down' },
      bus: { check: () => bus.check(), whenFailing: 'degraded' },
      cache: { check: () => cache.check(), whenFailing: 'degraded' },
    },
    mount: (app) => app.use(subgraph.router),
  })
  closeLater(() => service.close())
  return service.port
}
