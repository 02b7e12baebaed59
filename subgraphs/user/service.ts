/**
 * The user service. In: its configuration and the engines it runs on. Out: a subgraph of people and their profiles, kept up to
 * date by what auth, biometric, content and ai tell. It refuses to start on a database it can't use, and leaves nothing open
 * when it can't start.
 */
import { openDatabase } from '../../platform/database/open-database.js'
import { dateTimeScalar } from '../../platform/graphql/date-time-scalar.js'
import { createSubgraphServer } from '../../platform/graphql/subgraph-server.js'
import type { Engines, RunningService } from '../../platform/service/engines.js'
import { openHttpService } from '../../platform/service/http-service.js'
import type { UserConfig } from './config.js'
import { createUserContext } from './context.js'
import type { ListeningParts } from './events/consume-once.js'
import { onAiCompleted } from './events/on-ai-completed.js'
import { onBiometricVerified } from './events/on-biometric-verified.js'
import { onContentPublished } from './events/on-content-published.js'
import { onContentUnpublished } from './events/on-content-unpublished.js'
import { onUserRegistered } from './events/on-user-registered.js'
import { userPermissions } from './permissions.js'
import { createCachedProfiles } from './persistence/cached-profiles.js'
import { createPrismaActivities } from './persistence/prisma-activities.js'
import { createPrismaProfiles } from './persistence/prisma-profiles.js'
import { createUserPrisma } from './persistence/user-prisma.js'
import { mutation } from './resolvers/mutation.js'
import { query } from './resolvers/query.js'
import { user } from './resolvers/user.js'

const name = 'user'

type CloseLater = (closePart: () => Promise<unknown>) => void

export async function openUserService(config: UserConfig, engines: Engines): Promise<RunningService> {
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

async function openParts({ http }: UserConfig, engines: Engines, closeLater: CloseLater): Promise<number> {
  const { bus, cache, verifier, databaseUrl: url, databasePoolSize: maxConnections } = engines
  const logger = engines.logger.child({ service: name })
  const database = await openDatabase({ url, schema: name, maxConnections, logger })
  closeLater(() => database.close())
  const prisma = createUserPrisma(database)
  closeLater(() => prisma.$disconnect())
  const profiles = createCachedProfiles({
    profiles: createPrismaProfiles(prisma, () => new Date()),
    cache,
    logger,
  })
  const activities = createPrismaActivities(prisma)
  await listen({ bus, prisma, logger }, profiles.forget, closeLater)

  const subgraph = await createSubgraphServer({
    name,
    resolvers: { DateTime: dateTimeScalar, Query: query, Mutation: mutation, User: user },
    permissions: userPermissions,
    verifier,
    logger,
    createContext: (base) => createUserContext(base, profiles, activities),
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

async function listen(
  parts: ListeningParts,
  profileChanged: (userId: string) => Promise<void>,
  closeLater: CloseLater,
): Promise<void> {
  const listeners = [
    () => onUserRegistered(parts, profileChanged),
    () => onBiometricVerified(parts),
    () => onContentPublished(parts),
    () => onContentUnpublished(parts),
    () => onAiCompleted(parts),
  ]
  for (const open of listeners) {
    const consumer = await open()
    closeLater(() => consumer.close())
  }
}
