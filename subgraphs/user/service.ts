/**
 * The user service. In: its configuration and the engines it runs on. Out: a subgraph of people and their profiles, kept up to
 * date by what auth, biometric, content and ai tell. It refuses to start on a database it can't use, and leaves nothing open
 * when it can't start.
 */
import { dateTimeScalar } from '../../platform/graphql/date-time-scalar.js'
import type { Engines, RunningService } from '../../platform/service/engines.js'
import { openSubgraphService } from '../../platform/service/open-subgraph-service.js'
import type { Shutdown } from '../../platform/service/shutdown.js'
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

export function openUserService({ http }: UserConfig, engines: Engines): Promise<RunningService> {
  const { bus, cache } = engines
  return openSubgraphService({
    name,
    http,
    engines,
    async open({ database, logger, shutdown }) {
      const prisma = createUserPrisma(database)
      shutdown.add('the Prisma client', () => prisma.$disconnect())
      const profiles = createCachedProfiles({
        profiles: createPrismaProfiles(prisma, () => new Date()),
        cache,
        logger,
      })
      const activities = createPrismaActivities(prisma)
      await listen({ bus, prisma, logger }, profiles.forget, shutdown)
      return {
        resolvers: { DateTime: dateTimeScalar, Query: query, Mutation: mutation, User: user },
        permissions: userPermissions,
        createContext: (base) => createUserContext(base, profiles, activities),
      }
    },
  })
}

async function listen(
  parts: ListeningParts,
  profileChanged: (userId: string) => Promise<void>,
  shutdown: Shutdown,
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
    shutdown.add('a consumer', () => consumer.close())
  }
}
