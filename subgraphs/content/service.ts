/**
 * The content service. In: its configuration and the engines it runs on. Out: a subgraph that listens, whose changes are
 * announced on the bus. It refuses to start on a database it can't use, and leaves nothing open when it can't start.
 */
import { openOutboxRelay } from '../../platform/bus/outbox-relay.js'
import { dateTimeScalar } from '../../platform/graphql/date-time-scalar.js'
import type { Engines, RunningService } from '../../platform/service/engines.js'
import { openSubgraphService } from '../../platform/service/open-subgraph-service.js'
import type { ContentConfig } from './config.js'
import { createContentContext } from './context.js'
import { createContentEditor } from './domain/content-editor.js'
import { onErasureRequested } from './events/on-erasure-requested.js'
import { onExportRequested } from './events/on-export-requested.js'
import { contentPermissions } from './permissions.js'
import { createContentPrisma } from './persistence/content-prisma.js'
import { createPrismaContentSource } from './persistence/prisma-content-source.js'
import { createPrismaContentStore } from './persistence/prisma-content-store.js'
import { content } from './resolvers/content.js'
import { mutation } from './resolvers/mutation.js'
import { query } from './resolvers/query.js'

const name = 'content'

export function openContentService({ http }: ContentConfig, engines: Engines): Promise<RunningService> {
  return openSubgraphService({
    name,
    http,
    engines,
    async open({ database, logger, shutdown }) {
      const prisma = createContentPrisma(database)
      shutdown.add('the Prisma client', () => prisma.$disconnect())
      const relay = await openOutboxRelay({ pool: database.pool, schema: name, bus: engines.bus, logger })
      shutdown.add('the outbox relay', () => relay.close())
      const now = () => new Date()
      const erasures = await onErasureRequested({ bus: engines.bus, logger, prisma, wakeRelay: relay.wake, now })
      shutdown.add('the consumer of erasures', () => erasures.close())
      const exports = await onExportRequested({ bus: engines.bus, logger, prisma, wakeRelay: relay.wake, now })
      shutdown.add('the consumer of exports', () => exports.close())
      const store = createPrismaContentStore({ prisma, wakeRelay: relay.wake })
      const editor = createContentEditor({ store, now, newId: () => crypto.randomUUID() })
      const source = createPrismaContentSource(prisma)
      return {
        resolvers: { DateTime: dateTimeScalar, Query: query, Mutation: mutation, Content: content },
        permissions: contentPermissions,
        createContext: (base) => createContentContext(base, { editor, source }),
      }
    },
  })
}
